import { execFile } from 'node:child_process';
import {
  chmod,
  chown,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bubblewrap } from '../../../activities/builds/bubblewrap.ts';
import { createBuilder } from '../../../activities/builds/builder.ts';
import { choose, thisMachine } from '../../../activities/builds/choose.ts';
import type { Job, Scratch } from '../../../activities/builds/job.ts';
import { defaultBuilds } from '../../../domain/config/builds.ts';
import { builder } from '../../support/builder.ts';

const run = promisify(execFile);
const isolation = await builder.isolation();
const inside = fileURLToPath(new URL('../../../activities/builds/inside.mjs', import.meta.url));

let tree: string;
beforeAll(async () => {
  tree = await realpath(await mkdtemp(join(tmpdir(), 'plimsoll-tree-')));
});
afterAll(() => rm(tree, { recursive: true, force: true }));

const job = (argv: string[], more: Partial<Job> = {}): Job => ({
  ...{ argv, cwd: tree, env: {}, writable: [tree], timeoutMs: 60_000 },
  network: { kind: 'filtered', hosts: [] },
  ...more,
});

describe.runIf(isolation.kind === 'bubblewrap')('a job in bubblewrap', () => {
  test('has a home, a /tmp and programs, and may change only its tree', async () => {
    const script =
      'node --version && npm --version && touch "$HOME/a" /tmp/a tree && id -u && ' +
      '! touch /usr/a /etc/a /a 2>/dev/null && ls /proc | grep -c "^[0-9]"';
    const { code, output } = await builder.run(job(['/bin/sh', '-c', script]));
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output.trim().split('\n').slice(-2)).toEqual(['1000', expect.stringMatching(/^[2-6]$/)]);
    expect((await stat(join(tree, 'tree'))).uid).toBe(process.getuid?.());
  });

  test('can make no further namespace and has no capability', async () => {
    const script = 'unshare --user true; grep CapEff /proc/self/status';
    const { output } = await builder.run(job(['/bin/sh', '-c', script]));
    expect(output).toMatch(/unshare failed[\s\S]*CapEff:\s+0{16}/);
  });

  test('has a limit of its memory', async () => {
    const small = createBuilder({ ...defaultBuilds, memoryMb: 1024 });
    const fill = 'const all = []; for (let n = 0; n < 40; n += 1) all.push(Buffer.alloc(50e6, 1));';
    const { code } = await small.run(job(['node', '-e', `${fill} console.log('filled')`]));
    expect(code).not.toBe(0);
    const little = await small.run(job(['node', '-e', 'Buffer.alloc(50e6, 1)']));
    expect(little).toMatchObject({ code: 0 });
  });

  test('ends at its time limit, with a process that ignores every signal', async () => {
    const script =
      'trap "" TERM INT HUP; setsid sh -c "trap \\"\\" TERM; while :; do date >> ticks; sleep 0.1; done" & sleep 60';
    const before = Date.now();
    const { timedOut } = await builder.run(job(['/bin/sh', '-c', script], { timeoutMs: 1500 }));
    expect(timedOut).toBe(true);
    expect(Date.now() - before).toBeLessThan(30_000);
    const ticks = (await readFile(join(tree, 'ticks'), 'utf8')).length;
    await new Promise((done) => setTimeout(done, 500));
    expect((await readFile(join(tree, 'ticks'), 'utf8')).length).toBe(ticks);
  });

  test('reaches a named host by fetch, and no other port of this machine', async () => {
    const server = createServer((_, answer) => answer.end('served')).listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
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

  test('is refused inside of a system that forbids user namespaces', async () => {
    const machine = thisMachine();
    const outer = ['--unshare-user', '--disable-userns', '--dev-bind', '/', '/', '--'];
    const attempt: typeof machine.attempt = ([program, option, ...rest]) =>
      option === '--version'
        ? machine.attempt([program ?? '', option, ...rest])
        : machine.attempt(['bwrap', ...outer, program ?? '', option ?? '', ...rest]);
    const scratch: Scratch = { root: tree, home: tree, tmp: tree, bin: tree, socket: null };
    for (const name of ['passwd', 'group']) await writeFile(join(tree, name), '');
    const found = await choose({ ...defaultBuilds, isolation: 'bubblewrap' }, scratch, {
      ...machine,
      attempt,
    });
    expect(found).toEqual({
      kind: 'missing',
      why: expect.stringMatching(
        /bubblewrap does not work \(bwrap: .*\), because this system forbids user/,
      ),
    });
  });

  test.runIf(process.getuid?.() === 0)('runs for an ordinary user, too', async () => {
    if (isolation.kind !== 'bubblewrap') return;
    const place = await realpath(await mkdtemp(join(tmpdir(), 'plimsoll-user-')));
    const nobody = 65534;
    const scratch: Scratch = {
      ...{ root: place, home: join(place, 'home'), tmp: join(place, 'tmp') },
      ...{ bin: join(place, 'bin'), socket: null },
    };
    for (const path of [scratch.home, scratch.tmp, scratch.bin, join(place, 'tree')])
      await mkdir(path);
    for (const name of ['passwd', 'group']) await writeFile(join(place, name), '');
    const program = join(place, 'program');
    await copyFile(await realpath(process.execPath), program);
    await copyFile(inside, join(place, 'inside.mjs'));
    for (const path of [place, scratch.home, scratch.tmp, join(place, 'tree'), program])
      await chown(path, nobody, nobody).then(() => chmod(path, 0o755));
    const view = {
      ...isolation.view,
      inside: [program, join(place, 'inside.mjs')],
      programs: [program, join(place, 'inside.mjs')],
    };
    const at = join(place, 'tree');
    const asked = job(['/bin/sh', '-c', 'id -u; touch made; ls /proc | grep -c "^[0-9]"'], {
      ...{ cwd: at, writable: [at] },
    });
    const argv = bubblewrap(view, asked, scratch);
    const { stdout } = await run(
      'setpriv',
      ['--reuid', String(nobody), '--regid', String(nobody), '--clear-groups', ...argv],
      { env: { PATH: '/usr/bin:/bin' } },
    );
    expect(stdout.split('\n')[0]).toBe('1000');
    expect((await stat(join(at, 'made'))).uid).toBe(nobody);
    await rm(place, { recursive: true, force: true });
  });
});
