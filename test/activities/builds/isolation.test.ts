import { describe, expect, test } from 'vitest';
import { bubblewrap } from '../../../activities/builds/bubblewrap.ts';
import { createBuilder } from '../../../activities/builds/builder.ts';
import { choose, programIn } from '../../../activities/builds/choose.ts';
import type { Machine, Try } from '../../../activities/builds/choose.ts';
import { askMemory, container, memoryOf } from '../../../activities/builds/container.ts';
import type { Job, Scratch } from '../../../activities/builds/job.ts';
import { limited } from '../../../activities/builds/limits.ts';
import { builds as doctor } from '../../../worker/doctor/builds.ts';
import { defaultBuilds } from '../../../domain/config/builds.ts';
import type { Builds } from '../../../domain/config/builds.ts';
import type { Config } from '../../../domain/config/config.ts';
import { failureOf } from '../platforms/cloudflare/fixture.ts';

const scratch: Scratch = {
  ...{ root: '/tmp/s', home: '/tmp/s/home', tmp: '/tmp/s/tmp', bin: '/tmp/s/bin' },
  socket: '/tmp/s/gateway.sock',
};
const view = {
  ...{ program: '/usr/bin/bwrap', disablesUserNamespaces: true, programs: ['/opt/node'] },
  system: [
    { path: '/usr', link: null },
    { path: '/bin', link: 'usr/bin' },
  ],
  inside: ['/opt/node', '/app/inside.mjs'],
};
const job: Job = {
  argv: ['npm', 'ci'],
  cwd: '/w/tree/app',
  env: { CLOUDFLARE_API_TOKEN: 'never-in-a-command-line' },
  path: ['/w/tree/node_modules/.bin'],
  writable: ['/w/tree'],
  readable: ['/w/npmrc'],
  network: { kind: 'filtered', hosts: [] },
  timeoutMs: 1000,
};

/** Returns the pairs of the option `name` in a command, such as ['/from', '/to']. */
const pairs = (argv: string[], name: string) =>
  argv.flatMap((word, at) => (word === name ? [argv.slice(at + 1, at + 3)] : []));

describe('the command of bubblewrap', () => {
  const argv = bubblewrap(view, job, scratch);

  test('shares no namespace with this machine, and ends with the worker', () => {
    for (const option of [
      ...['--unshare-user', '--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts'],
      ...['--disable-userns', '--die-with-parent', '--as-pid-1', '--new-session', '--proc'],
    ])
      expect(argv).toContain(option);
    expect(pairs(argv, '--cap-drop')[0]?.[0]).toBe('ALL');
  });

  test('shows the system and the given paths, and lets only the tree be changed', () => {
    expect(pairs(argv, '--bind')).toEqual([
      ['/tmp/s/tmp', '/tmp'],
      ['/tmp/s/home', '/tmp/s/home'],
      ['/w/tree', '/w/tree'],
    ]);
    expect(pairs(argv, '--ro-bind')).toEqual([
      ['/usr', '/usr'],
      ['/tmp/s/passwd', '/etc/passwd'],
      ['/tmp/s/group', '/etc/group'],
      ...['/opt/node', '/tmp/s/bin', '/w/npmrc', '/tmp/s/gateway.sock'].map((path) => [path, path]),
    ]);
    const settings = pairs(argv, '--ro-bind-try').map(([path]) => path);
    for (const path of ['/etc', '/etc/ssl', '/etc/ssl/private', '/etc/shadow', '/etc/ssh'])
      expect(settings).not.toContain(path);
    expect(argv).not.toContain('--dev-bind');
  });

  test('runs the job below its first process, and contains no value of a variable', () => {
    expect(argv.slice(argv.indexOf('--') + 1)).toEqual([
      ...['/opt/node', '/app/inside.mjs', '/tmp/s/gateway.sock', '3128', 'npm', 'ci'],
    ]);
    expect(argv.join(' ')).not.toContain('never-in-a-command-line');
  });

  test('keeps the network of this machine only for a job that may have it', () => {
    const open = bubblewrap(
      view,
      { ...job, network: { kind: 'whole' } },
      { ...scratch, socket: null },
    );
    expect(open).not.toContain('--unshare-net');
  });
});

test('the command of a container shows only the given paths, and no value of a variable', () => {
  const engine = {
    ...{ program: 'docker' as const, image: 'node:24-slim', inside: ['node', '/app/inside.mjs'] },
    ...{ programs: ['/app/inside.mjs'], user: { uid: 1001, gid: 1001 } },
    memory: 'container' as const,
  };
  const plain = { HTTP_PROXY: 'http://127.0.0.1:3128' };
  const how = { name: 'plimsoll-build-1', scratch, memoryMb: 512, plain };
  const argv = container(engine, job, job.env, how);
  expect(argv.filter((_, at) => argv[at - 1] === '--volume')).toEqual([
    ...['/tmp/s/tmp:/tmp:rw', '/app/inside.mjs:/app/inside.mjs:ro', '/w/npmrc:/w/npmrc:ro'],
    ...['/tmp/s/home:/tmp/s/home:rw', '/w/tree:/w/tree:rw'],
    '/tmp/s/gateway.sock:/tmp/s/gateway.sock:rw',
  ]);
  for (const [option, value] of [
    ...[
      ['--network', 'none'],
      ['--cap-drop', 'ALL'],
      ['--memory', '512m'],
    ],
    ...[
      ['--memory-swap', '512m'],
      ['--user', '1001:1001'],
      ['--env', 'CLOUDFLARE_API_TOKEN'],
      ['--env', 'HTTP_PROXY=http://127.0.0.1:3128'],
    ],
  ] as const)
    expect(argv.some((word, at) => word === option && argv[at + 1] === value)).toBe(true);
  expect(argv.join(' ')).not.toContain('never-in-a-command-line');
  expect(pairs(argv, '--ulimit').map(([limit]) => limit)).toEqual([
    ...['core=0', 'nofile=4096:4096', 'nproc=4096:4096'],
  ]);
  const own = container({ ...engine, program: 'podman', memory: 'process' }, job, job.env, how);
  expect(own).not.toContain('--memory');
  expect(own).toEqual(
    expect.arrayContaining(['data=536870912', '--http-proxy=false', '--userns', 'keep-id']),
  );
  expect(argv.slice(-5)).toEqual(['/app/inside.mjs', '/tmp/s/gateway.sock', '3128', 'npm', 'ci']);
});

test.each([
  ['podman', '[cpuset cpu io memory pids]', 'container'],
  ['podman', '[cpu pids]', 'process'],
  ['podman', '[]\ntime="…" level=warning msg="memory"', 'process'],
  ['docker', 'true', 'container'],
  ['docker', 'false', 'process'],
] as const)('%s that answers %s limits the memory of each %s', (program, text, memory) => {
  expect(askMemory(program).slice(0, 3)).toEqual([program, 'info', '--format']);
  expect(memoryOf(text)).toBe(memory);
});

test('memory is limited by a cgroup if systemd gives one, else for each process', () => {
  expect(limited('user', 512).join(' ')).toBe(
    'systemd-run --user --scope --quiet --collect --property MemoryMax=512M ' +
      '--property MemorySwapMax=0 --property TasksMax=4096 --',
  );
  expect(limited('system', 512)).not.toContain('--user');
  expect(limited('process', 512)[2]).toBe('ulimit -c 0 && ulimit -d 524288 && exec "$@"');
});

describe('the isolation', () => {
  const isThere = programIn(process.env, 'bwrap') !== null;
  const path = process.env['PATH'] ?? '';
  /** A machine with the programs of this machine, on which commands answer as `answers` says. */
  const machine = (answers: Try, hasSystemd = false): Machine => ({
    ...{ env: { PATH: path }, attempt: answers, hasSystemd },
  });
  const nothing: Machine = { ...machine(async () => answer(1, '')), env: { PATH: '/nowhere' } };
  const answer = (code: number, text: string) => ({ code, text, missing: false });
  const remedy =
    'Without isolation, a commit could read every token of the worker. ' +
    'Install bubblewrap where the worker runs (apt-get install bubblewrap) and allow user namespaces, ' +
    'or set builds.image to build in a container, or start a builder and set builds.isolation: builder. ' +
    'See "Builds" in docs/security.md. ' +
    'If every author of a commit may read every token, set builds.isolation: none.';
  const chosen = (builds: Partial<Builds>, on: Machine) =>
    choose({ ...defaultBuilds, ...builds }, scratch, on);

  test('is missing where no program is, with the remedy, and then no job runs', async () => {
    const why = `Code of a commit cannot be isolated on the worker's machine: bubblewrap is not installed; neither podman nor docker is installed. ${remedy}`;
    expect(await chosen({}, nothing)).toEqual({ kind: 'missing', why });
    const failure = await failureOf(createBuilder(defaultBuilds, nothing).run(job));
    expect(failure).toMatchObject({ type: 'Misconfigured', nonRetryable: true, message: why });
  });

  test.runIf(isThere)(
    'is missing where user namespaces are forbidden, and a person reads why',
    async () => {
      const forbidden = machine(async ([, option]) =>
        option === '--version'
          ? answer(0, 'bubblewrap 0.8.0')
          : answer(1, 'bwrap: setting up uid map: Permission denied'),
      );
      const on = { ...forbidden, env: { PATH: path } };
      expect(await chosen({ isolation: 'bubblewrap' }, on)).toEqual({
        kind: 'missing',
        why: expect.stringContaining(
          'bubblewrap does not work (bwrap: setting up uid map: Permission denied), because this system forbids user namespaces',
        ),
      });
    },
  );

  test('is none only if plimsoll.yaml says so, and doctor shows this', async () => {
    expect(await chosen({ isolation: 'none' }, nothing)).toEqual({ kind: 'none' });
    const config = (builds: Partial<Builds>, platform: string) =>
      ({ builds, projects: { a: { environments: { b: { platform } } } } }) as unknown as Config;
    const off = createBuilder({ ...defaultBuilds, isolation: 'none' });
    expect(await doctor(config({ isolation: 'none' }, 'cloudflare'), off)).toEqual({
      check: 'builds',
      state: 'ok',
      text:
        'builds are not isolated (builds.isolation: none): code of a commit that is built on the worker ' +
        'can read every token, key and file of the worker',
    });
    const missing = await doctor(config({}, 'cloudflare'), createBuilder(defaultBuilds, nothing));
    expect([missing.state, missing.text.slice(0, 66)]).toEqual([
      'problem',
      "Code of a commit cannot be isolated on the worker's machine: bubbl",
    ]);
    expect((await doctor(config({}, 'vps'), off)).state).toBe('absent');
  });

  test.runIf(isThere)('takes the cgroup of systemd only if its limit is really there', async () => {
    const there =
      (limit: string): Try =>
      async ([program, option]) =>
        program === 'systemd-run'
          ? answer(0, limit)
          : answer(0, option === '--version' ? 'bubblewrap 0.6.1' : '');
    const manager = process.getuid?.() === 0 ? 'system' : 'user';
    const memoryWith = async (limit: string) => {
      const found = await chosen({}, machine(there(limit), true));
      return found.kind === 'bubblewrap' ? found.memory : found;
    };
    expect(await memoryWith('67108864')).toBe(manager);
    expect(await memoryWith('max')).toBe('process');
  });
});
