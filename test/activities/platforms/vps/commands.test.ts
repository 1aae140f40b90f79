import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands, quote } from '../../../../activities/platforms/vps/commands.ts';
import type { Aim } from '../../../../activities/platforms/vps/commands.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import type { VpsTarget } from '../../../../domain/platforms/vps/target.ts';
import { failureOf, run, deployRelease, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';

const sha = 'a'.repeat(40);
const target: VpsTarget = {
  platform: 'vps',
  hosts: [],
  identity: null,
  directory: '/srv/app',
  service: 'shop@1.service',
  sudo: true,
  repository: 'git@github.com:acme/shop.git',
  prepare: "npm ci && echo 'done'",
  prepareMs: 600_000,
  health: 'http://127.0.0.1:18789/health?deep=1',
  version: null,
  heartbeat: null,
  environmentFile: null,
  requiredVariables: [],
};

const print = '234f3f3d';
const epoch = 77;
const compose: VpsTarget = {
  ...target,
  service: 'web',
  run: 'compose',
  compose: { file: 'compose.yaml', project: 'shop', tag: 'IMAGE_TAG' },
};

const restarted = (to: Aim, before: string | null) => ({ to, before, startUpMs: 60_000 });

describe('a command is a value', () => {
  test.each([
    [
      'stage',
      commands.stage(target, { sha, epoch }),
      [
        '/srv/app',
        'shop@1.service',
        'sudo',
        '77',
        sha,
        target.repository,
        target.prepare,
        '600',
        print,
      ],
    ],
    [
      'switch',
      commands.switch(target, { sha, epoch }),
      [
        '/srv/app',
        'shop@1.service',
        'sudo',
        '77',
        sha,
        print,
        'forward',
        target.prepare,
        '600',
        print,
      ],
    ],
    [
      'switch',
      commands.switch(target, { sha, want: null, epoch }),
      ['/srv/app', 'shop@1.service', 'sudo', '77', sha, '', 'back', target.prepare, '600', print],
    ],
    [
      'restart',
      commands.restart({ ...target, sudo: false }, restarted({ sha, epoch }, 'b'.repeat(32))),
      ['/srv/app', 'shop@1.service', '', '77', sha, print, 'forward', 'b'.repeat(32)],
    ],
    [
      'restart',
      commands.restart(
        compose,
        restarted({ sha, want: `${sha}-${print}`, epoch }, '2026-11-24T07:30:23.123456789Z'),
      ),
      [
        ...[
          '/srv/app',
          'web',
          'sudo',
          'compose.yaml',
          'shop',
          'IMAGE_TAG',
          '77',
          sha,
          `${sha}-${print}`,
        ],
        ...['back', '2026-11-24T07:30:23.123456789Z'],
      ],
    ],
    [
      'inspect',
      commands.inspect(target, target.health),
      ['/srv/app', 'shop@1.service', 'sudo', target.health],
    ],
    [
      'prune',
      commands.prune(target, { keep: [sha], keepNewest: 5, epoch }),
      ['/srv/app', 'shop@1.service', 'sudo', '77', '5', sha],
    ],
    ['fence', commands.fence(target, epoch), ['/srv/app', 'shop@1.service', 'sudo', '77']],
    [
      'switch',
      commands.switch(target, { sha, epoch: null }),
      [
        '/srv/app',
        'shop@1.service',
        'sudo',
        '',
        sha,
        print,
        'forward',
        target.prepare,
        '600',
        print,
      ],
    ],
    ['releases', commands.releases(target), ['/srv/app', 'shop@1.service', 'sudo']],
    ['journal', commands.journal(target, 20), ['/srv/app', 'shop@1.service', 'sudo', '20']],
  ])('%s', (step, command, args) => {
    expect({ step: command.step, args: command.args }).toEqual({ step, args });
  });

  test('the time-out of a stage holds the prepare and two minutes of fetching', () => {
    expect(commands.stage(target, { sha, epoch }).timeoutMs).toBe(720_000);
  });

  test('quoting survives every quote', () => {
    expect(quote(`a'b"c$(d)`)).toBe(`'a'\\''b"c$(d)'`);
  });
});

describe('what must not reach a shell is refused', () => {
  const evil = ['$(touch x)', '; rm -rf /', '--upload-pack=x', 'a\nb', '`id`', "'", ''];
  const refused = expect.objectContaining({ type: 'Refused', nonRetryable: true });

  test.each(evil)('%j as a commit, unit, directory, repository or address', (text) => {
    expect(() => commands.stage(target, { sha: text, epoch })).toThrow(refused);
    expect(() => commands.prune(target, { keep: [text], keepNewest: 5, epoch })).toThrow(refused);
    expect(() => commands.stage({ ...target, directory: text }, { sha, epoch })).toThrow(refused);
    expect(() => commands.stage({ ...target, repository: text }, { sha, epoch })).toThrow(refused);
    expect(() => commands.inspect({ ...target, service: text }, null)).toThrow(refused);
    expect(() => commands.inspect(target, text)).toThrow(refused);
    expect(() => commands.switch(target, { sha, want: text, epoch })).toThrow(refused);
    for (const field of ['file', 'project', 'tag'] as const) {
      const changed = { file: 'compose.yaml', project: 'shop', tag: 'IMAGE_TAG', [field]: text };
      expect(() => commands.inspect({ ...compose, compose: changed }, null)).toThrow(refused);
    }
  });

  test.each([
    ['repository', 'https://x/$(touch x)'],
    ['repository', 'ext::sh -c touch% x'],
    ['repository', 'ssh://-oProxyCommand=x/y'],
    ['health', 'http://127.0.0.1/$(touch x)'],
    ['health', 'http://127.0.0.1/" -o /etc/passwd'],
    ['service', '-H evil'],
    ['service', '--host=evil'],
    ['directory', '/srv/../etc'],
  ] as const)('%s %j', (field, text) => {
    const changed = { ...target, [field]: text };
    expect(() => {
      commands.stage(changed, { sha, epoch });
      commands.inspect(changed, changed.health);
    }).toThrow(refused);
  });

  test('an InvocationID that is none counts as none', () => {
    expect(commands.restart(target, restarted({ sha, epoch }, '$(touch x)')).args.at(-1)).toBe('');
  });

  test('the text says what and what to do', () => {
    expect(() => commands.switch(target, { sha: 'HEAD; rm', epoch })).toThrow(
      '"HEAD; rm" is not a sha that may be sent to a host. It must match ^[0-9a-f]{40}$. ' +
        'Nothing was run. Correct the value in plimsoll.yaml and start a new deploy.',
    );
  });
});

describe('two hosts', () => {
  let vpsFixture: VpsFixture;
  beforeAll(async () => {
    const host = { service: { unit: 'shop', port: 18_789 } };
    vpsFixture = await startVpsFixture({
      hosts: 2,
      host,
      trees: [samples.good(1), samples.good(2)],
    });
  });
  afterAll(() => vpsFixture.stop());

  test('are deployed one after the other, each asked on its own port 18789', async () => {
    const [first = '', second = ''] = vpsFixture.shas;
    expect(vpsFixture.handles.map((handle) => handle.insideUrl)).toEqual([
      'http://127.0.0.1:18789',
      'http://127.0.0.1:18789',
    ]);
    for (const index of [0, 1]) await deployRelease(vpsFixture, first, { index });
    await deployRelease(vpsFixture, second);
    const states = await run(vpsFixture.vps.inspectHosts, { target: vpsFixture.target });
    expect(states.map(({ host, runningSha, healthy }) => [host, runningSha, healthy])).toEqual([
      ['shop-1', second, true],
      ['shop-2', first, true],
    ]);
  });

  test('a planted command runs nowhere', async () => {
    const [first = ''] = vpsFixture.shas;
    const { root, vps } = vpsFixture;
    const planted = `$(touch ${root}/planted)`;
    const host = { ...vpsFixture.step(first).host, directory: planted };
    const tries = [
      run(vps.stageRelease, vpsFixture.step(first, 0, { repository: planted })),
      run(vps.stageRelease, { ...vpsFixture.step(first), host }),
      run(vps.switchRelease, vpsFixture.step(first, 0, { service: planted })),
      run(vps.switchRelease, vpsFixture.step(planted)),
      run(vps.pruneReleases, { ...vpsFixture.step(first), keep: [planted] }),
    ];
    const failures = await Promise.all(tries.map(failureOf));
    expect(failures.map(({ type }) => type)).toEqual(Array(5).fill('Refused'));
    expect(existsSync(`${root}/planted`)).toBe(false);
  });
});
