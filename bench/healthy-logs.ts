import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Baseline, Sample } from '../domain/deploy/plan.ts';
import { judgeDefaults } from '../domain/watch/judge/judge-defaults.ts';
import { countErrors, errorLines } from '../domain/watch/log-lines/count-errors.ts';
import type { LogLine } from '../domain/watch/log-lines/count-errors.ts';
import { judgeWatch } from '../domain/watch/watch.ts';

/**
 * Runs healthy programs of the registries under load, and reads their logs as the error source
 * does. One request in five comes from a stranger: an unknown path, broken JSON, an unknown method,
 * broken HTTP, or a connection that ends early. The time is simulated. The requests of 30 minutes,
 * 2 in each second, are sent as fast as the program answers. Each error in a log is a false alarm.
 * The last line has the number of errors, and the number of rollbacks that the watch would have
 * made.
 *
 *   node bench/healthy-logs.ts [DIRECTORY [PROGRAM …]]
 *
 * The packages are kept in DIRECTORY. If nginx is not installed, it is left out.
 */
const packages = {
  npm: 'express morgan pino-http winston fastify koa bunyan log4js'.split(' '),
  pip: 'flask gunicorn uvicorn fastapi django tornado aiohttp'.split(' '),
};
const nodePrograms =
  'express-morgan express-pino-http express-winston fastify koa-bunyan log4js-http'.split(' ');
const pythonPrograms = 'flask gunicorn uvicorn django tornado aiohttp'.split(' ');

const [sampleCount, requestsInSample] = [180, 20];
const [at = join(tmpdir(), 'plimsoll-healthy-logs')] = process.argv.slice(2);
const source = join(import.meta.dirname, 'healthy-logs');
const run = promisify(execFile);

async function install() {
  mkdirSync(at, { recursive: true });
  copyFileSync(join(source, 'web.mjs'), join(at, 'web.mjs'));
  copyFileSync(join(source, 'web.py'), join(at, 'web.py'));
  if (!existsSync(join(at, 'node_modules')))
    await run('npm', ['install', '--prefix', at, '--no-audit', '--no-fund', ...packages.npm]);
  if (existsSync(join(at, 'python'))) return;
  await run('python3', ['-m', 'venv', join(at, 'python')]);
  await run(join(at, 'python/bin/pip'), ['install', '-q', ...packages.pip]);
}

function commandOf(program: string, port: number): [string, string[]] {
  if (nodePrograms.includes(program))
    return [process.execPath, [join(at, 'web.mjs'), program, String(port)]];
  if (pythonPrograms.includes(program))
    return [join(at, 'python/bin/python'), ['-u', join(at, 'web.py'), program, String(port)]];
  mkdirSync(join(at, 'nginx/root'), { recursive: true });
  const conf = readFileSync(join(source, 'nginx.conf'), 'utf8')
    .replaceAll('TEMP', join(at, 'nginx'))
    .replace('PID', join(at, 'nginx/pid'))
    .replace('PORT', String(port));
  writeFileSync(join(at, 'nginx.conf'), conf);
  return ['nginx', ['-c', join(at, 'nginx.conf'), '-e', 'stderr']];
}

/**
 * The messages that a client sends over a new connection. null = the client ends the connection at
 * once.
 */
const json = (body: string) =>
  `POST /cart HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n` +
  `Content-Length: ${body.length}\r\n\r\n${body}`;
const get = (path: string, method = 'GET') =>
  `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`;
const strange = [
  get('/wp-login.php?q=ERROR:%20fatal'),
  get('/.env'),
  get('/', 'PROPFIND'),
  get('/%c0%ae/../etc/passwd'),
  json('{"broken"'),
  'GET / HTTP/9.9\r\n\r\n',
  '\u0016\u0003\u0001\u0002',
  'POST /cart HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50\r\n\r\n{',
];
const messageAt = (k: number) => {
  if (k % 5 === 4) return strange[Math.floor(k / 5) % strange.length] ?? '';
  return k % 5 === 3 ? json('{"item":"error","count":1}') : get(`/?page=${k}`);
};

/** Sends a message. Resolves when the server ends the connection, or after half a second. */
async function send(port: number, message: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (part) => (answer += part.toString('latin1')));
  socket.on('error', () => {});
  const closed = once(socket, 'close').catch(() => {});
  socket.write(message, 'latin1');
  await Promise.race([closed, sleep(500)]);
  socket.destroy();
  return answer;
}

async function untilUp(port: number, child: ChildProcess) {
  for (let tries = 0; tries < 300 && child.exitCode === null; tries += 1) {
    if ((await send(port, get('/'))).includes('200')) return;
    await sleep(200);
  }
  throw new Error('it does not answer');
}

/** The lines of a program, by sample. The lines of its start are in the first sample. */
async function linesOf(program: string, port: number): Promise<LogLine[][]> {
  const [command, args] = commandOf(program, port);
  const env = { ...process.env, NODE_ENV: 'production' };
  // nginx can open its standard output again only if it is a file.
  const log = join(at, `${program}.log`);
  rmSync(log, { force: true });
  const out = openSync(log, 'a');
  const child = spawn(command, args, { cwd: at, env, stdio: ['ignore', out, out] });
  closeSync(out);
  child.on('error', () => {});
  let read = 0;
  const samples: LogLine[][] = [];
  try {
    await untilUp(port, child);
    for (let sample = 0; sample < sampleCount; sample += 1) {
      const first = sample * requestsInSample;
      const messages = Array.from({ length: requestsInSample }, (_, k) => messageAt(first + k));
      await Promise.all(messages.map((message) => send(port, message)));
      const text = readFileSync(log, 'latin1').slice(read);
      const end = text.lastIndexOf('\n') + 1;
      const lines = text.slice(0, end).split('\n').slice(0, -1);
      read += end;
      samples.push(lines.map((line) => ({ text: line, at: sample * 10_000 })));
    }
  } finally {
    child.kill();
    await Promise.race([once(child, 'exit'), sleep(5000)]);
    child.kill('SIGKILL');
  }
  return samples;
}

/** A baseline without errors, with the traffic of a day. It is the strictest baseline. */
const baseline: Baseline = { errors: 0, requests: 172_800, phi: 1, tau: 0 };
const watch = {
  sources: [
    { name: 'probes' as const, required: true, share: 0.5 },
    { name: 'error-log' as const, required: true, share: 0.5 },
  ],
  plannedSamples: sampleCount,
  onInconclusive: 'keep' as const,
  accessLog: 'HTTP',
  judge: judgeDefaults,
};

const sum = { programs: 0, lines: 0, errors: 0, rollbacks: 0 };

async function measure(program: string, port: number) {
  const samples = await linesOf(program, port).catch((cause: Error) => cause.message);
  if (typeof samples === 'string') {
    console.log(`${program.padEnd(20)} did not run: ${samples}`);
    return;
  }
  const seen = samples.map((lines, k): Sample => {
    const { errors, unread } = countErrors(lines, { accessLog: true });
    return {
      ...{ at: (k + 1) * 10_000, probe: 0, log: [errors, requestsInSample] },
      unread: [unread, lines.length],
    };
  });
  const { verdict } = judgeWatch({ watch, baseline, samples: seen, final: true });
  const lines = samples.flat();
  const errors = seen.reduce((total, { log }) => total + (log?.[0] ?? 0), 0);
  const unread = seen.reduce((total, one) => total + (one.unread?.[0] ?? 0), 0);
  console.log(
    `${program.padEnd(20)} ${String(lines.length).padStart(6)} lines  ` +
      `${String(unread).padStart(4)} unread  ${String(errors).padStart(4)} errors  verdict ${verdict}`,
  );
  if (errors > 0) for (const line of errorLines(lines).slice(0, 3)) console.log(`  ${line}`);
  sum.programs += 1;
  sum.lines += lines.length;
  sum.errors += errors;
  if (verdict === 'fail') sum.rollbacks += 1;
}

await install();
const [, ...chosen] = process.argv.slice(2);
const queue = [...nodePrograms, ...pythonPrograms, 'nginx']
  .filter((program) => chosen.length === 0 || chosen.includes(program))
  .map((program, index) => ({
    program,
    port: 20_100 + index,
  }));
/** Most of the time is spent on strangers who wait for an answer. */
const atOnce = 4;
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (let next = queue.shift(); next; next = queue.shift())
      await measure(next.program, next.port);
  }),
);
console.log(
  `${sum.programs} programs, 30 minutes each, ${sum.lines} lines: ${sum.errors} false errors, ` +
    `${sum.rollbacks} false rollbacks`,
);
