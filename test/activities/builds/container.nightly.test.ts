import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, realpath, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBuilder } from '../../../activities/builds/builder.ts';
import type { Builder } from '../../../activities/builds/builder.ts';
import { thisMachine } from '../../../activities/builds/choose.ts';
import type { Job } from '../../../activities/builds/job.ts';
import { defaultBuilds } from '../../../domain/config/builds.ts';
import { hasPodman, preparePodman } from '../../support/podman.ts';
import type { Podman } from '../../support/podman.ts';

const one = fileURLToPath(new URL('../../support/one-job.ts', import.meta.url));

describe.runIf(hasPodman)('a job in a container of the real podman', () => {
  let podman: Podman;
  let tree: string;
  let builder: Builder;
  const builds = () => ({
    ...{ ...defaultBuilds, isolation: 'container' as const, image: podman.image },
    memoryMb: 1024,
  });
  const env = process.env;
  beforeAll(async () => {
    podman = await preparePodman();
    process.env = { ...env, ...podman.env };
    tree = await realpath(await mkdtemp(join(tmpdir(), 'plimsoll-tree-')));
    builder = createBuilder(builds());
  });
  afterAll(async () => {
    await podman.remove();
    process.env = env;
    await rm(tree, { recursive: true, force: true });
  });

  const job = (argv: string[], more: Partial<Job> = {}): Job => ({
    ...{ argv, cwd: tree, env: { GIVEN: 'it is' }, writable: [tree], timeoutMs: 60_000 },
    network: { kind: 'filtered', hosts: [] },
    ...more,
  });
  const left = async () => {
    const asked = await thisMachine().attempt(['podman', 'ps', '--all', '--quiet']);
    return asked.text;
  };
  const ticking =
    'trap "" TERM; setsid sh -c "trap \\"\\" TERM; while :; do date >> ticks; sleep 0.1; done" & sleep 60';
  const ticks = async () => (await readFile(join(tree, 'ticks'), 'utf8').catch(() => '')).length;
  const staysEnded = async () => {
    const before = await ticks();
    await sleep(500);
    expect(before).toBeGreaterThan(0);
    expect(await ticks()).toBe(before);
    expect(await left()).toBe('');
  };

  test('may change only its tree, and has no capability', async () => {
    const script =
      'node --version && touch "$HOME/a" /tmp/a tree && echo "$GIVEN $PWD" && ls /proc | grep -c "^[0-9]" && ' +
      '! touch /usr/a /etc/a /a 2>/dev/null && grep -E "CapEff|NoNewPrivs|Seccomp:" /proc/self/status';
    const { code, output } = await builder.run(job(['/bin/sh', '-c', script]));
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).toMatch(/it is \S+\n[2-6]\nCapEff:\s+0{16}\nNoNewPrivs:\s+1\nSeccomp:\s+2\n$/);
    expect((await stat(join(tree, 'tree'))).uid).toBe(process.getuid?.());
    expect(await left()).toBe('');
  });

  test.each(['container', 'process'] as const)('has a limit of its memory: %s', async (memory) => {
    const machine = thisMachine();
    const attempt: typeof machine.attempt = async (argv, timeoutMs) => {
      const answer = await machine.attempt(argv, timeoutMs);
      return argv.includes('info') && memory === 'process' ? { ...answer, text: '[]' } : answer;
    };
    const limited = createBuilder(builds(), { ...machine, attempt });
    expect(await limited.isolation()).toMatchObject({ engine: { memory } });
    const fill = 'const all = []; for (let n = 0; n < 40; n += 1) all.push(Buffer.alloc(50e6, 1));';
    const { code, output } = await limited.run(
      job(['node', '-e', `${fill} console.log('filled')`]),
    );
    expect({ code, output }).not.toMatchObject({ code: 0 });
    expect(output).not.toContain('filled');
    const little = await limited.run(job(['node', '-e', 'Buffer.alloc(50e6, 1)']));
    expect(little).toMatchObject({ code: 0 });
  });

  test('ends at its time limit, with a process that ignores every signal', async () => {
    const { timedOut } = await builder.run(job(['/bin/sh', '-c', ticking], { timeoutMs: 5000 }));
    expect(timedOut).toBe(true);
    await staysEnded();
  });

  test('ends when its worker is killed', async () => {
    await rm(join(tree, 'ticks'), { force: true });
    const order = JSON.stringify({ builds: builds(), job: job(['/bin/sh', '-c', ticking]) });
    const worker = spawn(process.execPath, [one, order], { stdio: 'ignore' });
    await expect.poll(ticks).toBeGreaterThan(0);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    await expect.poll(left).toBe('');
    await staysEnded();
  });

  test('reaches a named host by fetch, and no other port of this machine', async () => {
    const server = createServer((_, answer) => answer.end('served')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const url = `http://127.0.0.1:${port}/`;
    const ask = ['node', '-e', `fetch('${url}').then((it) => it.text()).then(console.log)`];
    const hosts = [`127.0.0.1:${port}`];
    const named = await builder.run(job(ask, { network: { kind: 'filtered', hosts } }));
    expect(named.output).toContain('served');
    const other = await builder.run(job(ask));
    server.close();
    expect(other.code).not.toBe(0);
    expect(other.output).not.toContain('served');
  });

  test('reports the code of its command, and a program that is not there', async () => {
    expect((await builder.run(job(['/bin/sh', '-c', 'exit 7']))).code).toBe(7);
    expect((await builder.run(job(['no-such-program']))).code).toBe(127);
  });
});
