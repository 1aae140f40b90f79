import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readLog } from '../../../../../activities/platforms/vps/log/host-log.ts';
import type { HostSession } from '../../../../../activities/platforms/vps/ssh/on-host.ts';
import type { RemoteResult } from '../../../../../activities/platforms/vps/ssh/remote.ts';
import { freePort } from '../../../../../worker/engine/free-port.ts';
import { planFor } from '../../../plan/plan-fixture.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-journal-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const session: HostSession = {
  close: () => undefined,
  run: ({ script, args }) =>
    new Promise<RemoteResult>((resolve) => {
      const env = { PATH: `${root}:${process.env['PATH']}` };
      execFile('sh', ['-c', script, 'sh', ...args], { env }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr } as RemoteResult),
      );
    }),
};

const ask = (from: { ago: number } | { second: number } = { ago: 600 }, pattern = '') =>
  readLog(session, {
    target: { ...planFor({}).target, service: 'shop' },
    from,
    bucketSeconds: 1e9,
    pattern: pattern || null,
    timeoutMs: 10_000,
  });

const second = () => Math.floor(Date.now() / 1000);
const program = (body: string) => {
  writeFileSync(join(root, 'journalctl'), `#!/bin/sh\n${body}\n`);
  chmodSync(join(root, 'journalctl'), 0o755);
};

type Entry = { MESSAGE?: unknown; PRIORITY?: string; _PID?: string; _LINE_BREAK?: string };

/** Prints entries in the format of `journalctl -a -o json` of systemd 252. */
function journal(entries: (Entry & { ago?: number })[]) {
  const lines = entries.map(({ ago = 2, ...entry }) =>
    JSON.stringify({
      __REALTIME_TIMESTAMP: `${second() - ago}000000`,
      PRIORITY: '6',
      _PID: '12',
      ...entry,
    }),
  );
  writeFileSync(join(root, 'out'), `${lines.join('\n')}\n`);
  program(`echo "$*" >> "${root}/asked"; cat "${root}/out"`);
}
const bytes = (text: string) => [...Buffer.from(text, 'latin1')];

describe('a message of the journal', () => {
  test.each<[string, Entry, object]>([
    ['a text', { MESSAGE: 'ERROR: "no" db' }, { errors: 1 }],
    ['JSON', { MESSAGE: '{"level":50,"msg":"a \\"b\\""}' }, { errors: 1 }],
    ['colours, which are bytes', { MESSAGE: bytes('\u001b[31mERROR\u001b[0m no') }, { errors: 1 }],
    ['a carriage return', { MESSAGE: bytes('ERROR no db\r') }, { errors: 1 }],
    ['bytes that are not UTF-8', { MESSAGE: bytes('ERROR \u00ff\u00fe') }, { errors: 1 }],
    ['more than 4096 bytes', { MESSAGE: `ERROR ${'x'.repeat(9000)}` }, { errors: 1 }],
    ['a field that is there twice', { MESSAGE: ['ERROR no db', 'x'] }, { errors: 1 }],
    ['priority 3', { MESSAGE: 'no db', PRIORITY: '3' }, { errors: 1 }],
    ['priority 3 without a text', { PRIORITY: '3' }, { errors: 1 }],
    ['nothing', { MESSAGE: '' }, { errors: 0 }],
    ['null', { MESSAGE: null }, { errors: 0, unread: 1 }],
    ['no message at all', {}, { errors: 0, unread: 1 }],
    ['no text', { MESSAGE: bytes('\u0001\u0002\u0003\u0004ab') }, { errors: 0, unread: 1 }],
  ])('%s', async (_, entry, counts) => {
    journal([entry]);
    expect((await ask())?.buckets).toEqual([{ age: 0, requests: 0, lines: 1, ...counts }]);
  });

  test('that is cut into entries of 48 KB is one message', async () => {
    journal([
      { MESSAGE: `INFO ${'x'.repeat(100)}`, _LINE_BREAK: 'line-max' },
      { MESSAGE: 'ERROR is in the middle of the line' },
      { MESSAGE: 'ERROR no db' },
    ]);
    expect((await ask())?.buckets).toMatchObject([{ errors: 1, lines: 3 }]);
  });

  test('of another process does not end a stack trace', async () => {
    journal([
      { MESSAGE: 'Traceback (most recent call last):', _PID: '1' },
      { MESSAGE: 'INFO up', _PID: '2' },
      { MESSAGE: '  File "a.py", line 1, in f', _PID: '1' },
      { MESSAGE: "KeyError: 'x'", _PID: '1' },
    ]);
    expect((await ask())?.buckets).toMatchObject([{ errors: 1, lines: 4 }]);
  });

  test('that goes on with an error of the sample before does not count again', async () => {
    journal([
      { MESSAGE: 'Traceback (most recent call last):', ago: 4 },
      { MESSAGE: "KeyError: 'x'", ago: 2 },
      { MESSAGE: 'ERROR no db', ago: 2 },
    ]);
    const from = second() - 3;
    expect((await ask({ second: from }))?.buckets).toMatchObject([{ errors: 1, lines: 2 }]);
    expect(readFileSync(join(root, 'asked'), 'utf8')).toContain(`--since @${from - 5} `);
  });

  test('about a request of a stranger counts only without an access log', async () => {
    journal([
      { MESSAGE: 'GET /wp-login.php 404' },
      { MESSAGE: '[77aa] ActionController::RoutingError (No route matches [GET] "/x"):' },
    ]);
    expect((await ask())?.buckets).toMatchObject([{ errors: 1 }]);
    expect((await ask({ ago: 600 }, '^GET '))?.buckets).toMatchObject([{ errors: 0, requests: 1 }]);
  });
});

const remote = '/lib/systemd/systemd-journal-remote';
const real = ['/usr/bin/journalctl', '/bin/journalctl'].find((path) => existsSync(path));

/** Returns an entry in the export format. systemd-journal-remote makes a journal file from it. */
function exported(message: Buffer, at: number, fields: Record<string, string> = {}): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(message.length));
  const texts = {
    __REALTIME_TIMESTAMP: String(at),
    __MONOTONIC_TIMESTAMP: String(at % 1e9),
    _BOOT_ID: '0'.repeat(31) + '1',
    _MACHINE_ID: '1'.repeat(32),
    _UID: '0',
    _PID: '12',
    _SYSTEMD_UNIT: 'shop.service',
    PRIORITY: '6',
    ...fields,
  };
  const head = Object.entries(texts).map(([key, value]) => `${key}=${value}\n`);
  const body = [Buffer.from('MESSAGE\n'), length, message, Buffer.from('\n\n')];
  return Buffer.concat([Buffer.from(head.join('')), ...body]);
}

/** Makes a journal file of the entries, and lets `journalctl` read it. */
function journalFile(entries: Buffer[]) {
  rmSync(join(root, 'x.journal'), { force: true });
  writeFileSync(join(root, 'in.export'), Buffer.concat(entries));
  const made = spawnSync(remote, ['-o', join(root, 'x.journal'), join(root, 'in.export')]);
  expect(made.status).toBe(0);
  program(`exec ${real} --file "${root}/x.journal" "$@"`);
}

test.skipIf(real === undefined || !existsSync(remote))(
  'the real journalctl prints what the script reads, from a real journal file',
  async () => {
    const texts = [
      ['ERROR plain', 1],
      ['\u001b[31mERROR\u001b[0m colours', 1],
      ['ERROR carriage return\r', 1],
      [`ERROR ${'x'.repeat(9000)}`, 1],
      ['ERROR \u00ff\u00fe not UTF-8', 1],
      ['ERROR caf\u00c3\u00a9 in UTF-8', 1],
      ['{"level":50,"msg":"a \\"b\\" \\\\ c"}', 1],
      ['INFO all is well', 0],
      ['Traceback (most recent call last):', 1],
      ['  File "a.py", line 1, in f', 0],
      ["KeyError: 'x'", 0],
    ] as const;
    const start = (second() - 60) * 1e6;
    const entries = texts.map(([text], at) =>
      exported(Buffer.from(text, 'latin1'), start + at * 1000),
    );
    entries.push(exported(Buffer.from('no db'), start + 50_000, { PRIORITY: '3' }));
    journalFile(entries);
    const errors = texts.reduce((sum, [, count]) => sum + count, 0) + 1;
    expect((await ask())?.buckets).toEqual([
      { age: 0, errors, requests: 0, lines: texts.length + 1 },
    ]);
  },
);

const nginx = '/usr/sbin/nginx';

/** Starts nginx with a dead upstream, sends the requests, and returns the lines of both logs. */
async function linesOfNginx(paths: string[]): Promise<string[]> {
  const at = (name: string) => join(root, name);
  const port = await freePort();
  mkdirSync(at('html'));
  writeFileSync(at('html/index.html'), 'shop');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    at('nginx.conf'),
    `daemon off; master_process off; pid ${at('pid')}; error_log ${at('error.log')};
events {}
http {
  access_log ${at('access.log')};
  ${temporary.map((name) => `${name}_temp_path ${at(name)};`).join(' ')}
  server {
    listen 127.0.0.1:${port};
    root ${at('html')};
    location /pay { proxy_pass http://127.0.0.1:1; }
  }
}
`,
  );
  const child = spawn(nginx, ['-e', at('error.log'), '-c', at('nginx.conf')], { stdio: 'ignore' });
  try {
    const ask = (path: string) =>
      fetch(`http://127.0.0.1:${port}${path}`).then((got) => got.text());
    await vi.waitFor(() => ask('/'), 5000);
    for (const path of paths) await ask(path);
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGQUIT');
    await ended;
  }
  return ['error.log', 'access.log'].flatMap((name) =>
    readFileSync(at(name), 'latin1').trimEnd().split('\n'),
  );
}

test.skipIf(real === undefined || !existsSync(remote) || !existsSync(nginx))(
  'the log of the real nginx: a dead upstream is an error, and a missing file only without requests',
  async () => {
    const lines = await linesOfNginx(['/pay', '/wp-login.php', '/pay']);
    const start = (second() - 60) * 1e6;
    journalFile(lines.map((line, at) => exported(Buffer.from(line, 'latin1'), start + at * 1000)));
    expect((await ask({ ago: 600 }, 'HTTP/1.1" [0-9]'))?.buckets).toMatchObject([
      { errors: 2, requests: 4 },
    ]);
    expect((await ask())?.buckets).toMatchObject([{ errors: 3, lines: lines.length }]);
  },
);
