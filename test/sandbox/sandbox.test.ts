import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startSandbox } from '../../sandbox/sandbox.ts';

let directory: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plimsoll-sandbox-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(directory, { recursive: true, force: true });
});

const main = new URL('../../sandbox/main.ts', import.meta.url).pathname;
const oneHost = [{ name: 'web-1', service: { unit: 'shop' } }];
const refusesConnections = (url: string) =>
  fetch(url).then(
    () => false,
    () => true,
  );

test('all stand-ins share one board, one token per service, and end together', async () => {
  const sandbox = await startSandbox({ directory, hosts: oneHost });
  try {
    const [first = ''] = await sandbox.git.createRepository('acme/shop', [
      { files: { a: '1' }, message: 'First' },
    ]);
    const host = sandbox.hosts[0]!;
    const fetched = await execa('git', ['ls-remote', sandbox.git.url('acme/shop'), 'main'], {
      env: { HOME: host.home, GIT_TERMINAL_PROMPT: '0' },
    });
    expect(fetched.stdout).toContain(first);
    const truth = await (await fetch(`${sandbox.control.address}/truth`)).json();
    expect(truth).toMatchObject({
      hosts: [{ host: 'web-1', current: null, running: null }],
      repositories: [{ repository: 'acme/shop', main: first }],
    });
    expect(sandbox.board.effects).toEqual([]);
  } finally {
    await sandbox.close();
  }
  for (const { address } of [sandbox.control, sandbox.git, sandbox.github, sandbox.slack])
    expect(await refusesConnections(address)).toBe(true);
});

const run = async () => {
  const argument = JSON.stringify({ directory, hosts: oneHost });
  const child = spawn(process.execPath, [main, argument], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const ended = once(child, 'exit');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, ended, line, addresses: JSON.parse(line) as Record<string, string> };
};

test.each(['stdin closes', 'SIGTERM'])(
  'its own process prints one line of JSON and ends when %s',
  async (how) => {
    const { child, ended, line, addresses } = await run();
    expect(Object.keys(addresses)).toEqual([
      'control',
      'git',
      'github',
      'slack',
      'tokens',
      'hosts',
    ]);
    const { tokens = '' } = addresses;
    expect((await stat(tokens)).mode & 0o777).toBe(0o600);
    const secrets = Object.values(JSON.parse(await readFile(tokens, 'utf8')));
    for (const secret of secrets) expect(line).not.toContain(secret);
    expect((await fetch(`${addresses.control}/effects`)).status).toBe(200);
    if (how === 'SIGTERM') child.kill('SIGTERM');
    else child.stdin.end();
    expect(await ended).toEqual([0, null]);
    expect(await refusesConnections(`${addresses.control}/effects`)).toBe(true);
  },
);

test.each([
  [[], 'The argument is missing.'],
  [['{'], 'The argument is not JSON.'],
  [
    ['{"directory":"/tmp/x","hosts":[{"name":"a b","service":{"unit":"s"}}]}'],
    /^hosts\.0\.name: /m,
  ],
])('a wrong argument %j is refused with how to start it', async (argument, why) => {
  const { exitCode, stderr } = await execa(process.execPath, [main, ...argument], {
    reject: false,
    input: '',
  });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^The sandbox cannot start, because its argument is wrong\.\n/);
  expect(stderr).toMatch(why);
  expect(stderr).toContain(
    `Start the sandbox like this: node sandbox/main.ts '{"directory":"/tmp/sandbox","hosts":[{"name":"web-1","service":{"unit":"shop"}}]}'`,
  );
});
