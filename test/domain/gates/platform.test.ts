import { expect, test } from 'vitest';
import type { HostState } from '../../../domain/deploy/plan.ts';
import { judgePlatform, type PlatformFacts } from '../../../domain/gates/platform.ts';
import { withoutWay } from '../../support/way-to-open.ts';

const old = 'a'.repeat(40);
const fresh = 'b'.repeat(40);
const state = (host: string, more: Partial<HostState> = {}): HostState => ({
  host,
  sha: old,
  runningSha: old,
  invocationId: '1',
  active: true,
  healthy: true,
  ...more,
});
const good: PlatformFacts = {
  hosts: ['web1', 'web2'],
  live: [state('web1'), state('web2')],
  release: { id: 'bbbbbbbbbbbb-12345678', sha: fresh },
  rollbackTarget: { id: 'aaaaaaaaaaaa-12345678', sha: old },
  rollbackReady: [
    { host: 'web1', present: true },
    { host: 'web2', present: true },
  ],
  quarantine: null,
  sandbox: false,
  timeScale: 1,
  remoteEndpoints: ['https://api.example.com'],
  sourceErrors: [],
};

const rows: [string, Partial<PlatformFacts>, string[]][] = [
  [
    'no host',
    { hosts: [], rollbackReady: [] },
    ['no host is configured. Name a host under "hosts" in plimsoll.yaml.'],
  ],
  [
    'a host did not answer',
    { live: [state('web1')] },
    [
      'web2 did not answer, so the release that it serves is unknown. Make it reachable, then ' +
        'deploy again.',
    ],
  ],
  [
    'a mixed fleet',
    { live: [state('web1'), state('web2', { sha: fresh, runningSha: fresh })] },
    [
      'the hosts serve different releases (web1 aaaaaaa, web2 bbbbbbb), so there is no single ' +
        'rollback target. Deploy the same release to all hosts first.',
    ],
  ],
  [
    'half a fleet serves nothing',
    { live: [state('web1'), state('web2', { sha: null, runningSha: null })] },
    [
      'the hosts serve different releases (web1 aaaaaaa, web2 nothing), so there is no single ' +
        'rollback target. Deploy the same release to all hosts first.',
    ],
  ],
  [
    'the process runs another release than the current one',
    { live: [state('web1'), state('web2', { runningSha: fresh })] },
    [
      'web2 runs bbbbbbb but its current release is aaaaaaa. Restart the service there, then deploy again.',
    ],
  ],
  [
    'the rollback is gone on one host',
    {
      rollbackReady: [
        { host: 'web1', present: true },
        { host: 'web2', present: false },
      ],
    },
    [
      'web2: the rollback target is gone: release aaaaaaa is not on the host. Stage that ' +
        'release there again, then deploy again.',
    ],
  ],
  [
    'nobody saw the rollback',
    { rollbackReady: [{ host: 'web1', present: null }] },
    [
      'web1: it is unknown whether the rollback target aaaaaaa is there. Make the host ' +
        'reachable.',
      'web2: it is unknown whether the rollback target aaaaaaa is there. Make the host ' +
        'reachable.',
    ],
  ],
  [
    'something is live that nobody recorded',
    { rollbackTarget: null, rollbackReady: [] },
    [
      'a release is live, but it is not recorded as a rollback target. Record it with the ' +
        'command: plimsoll adopt.',
    ],
  ],
  [
    'something foreign is live that nobody adopted',
    {
      live: ['web1', 'web2'].map((host) => ({
        ...state(host),
        sha: null,
        runningSha: null,
        foreign: { path: '/srv/v42', sha: null },
      })),
      rollbackTarget: null,
      rollbackReady: [],
    },
    [
      'a release is live, but it is not recorded as a rollback target. Record it with the ' +
        'command: plimsoll adopt.',
    ],
  ],
  [
    'a host without flock',
    { withoutLock: ['web2'] },
    ['web2 has no flock, so two deploys could run there at once. Install util-linux on it.'],
  ],
  [
    'the release is quarantined',
    { quarantine: { why: 'watch: outage', since: '2024-05-01T10:00:00Z' } },
    [
      'release bbbbbbbbbbbb-12345678 is quarantined since 2024-05-01T10:00:00Z: watch: outage. ' +
        'Deploy a commit that fixes the problem.',
    ],
  ],
  [
    'no room on the disk',
    { disk: [{ host: 'web1', freeBytes: 12_500_000, neededBytes: 500_000_000 }] },
    [
      'web1 has 12 MB free, but a release needs 500 MB. Delete files on the host, then deploy ' +
        'again.',
    ],
  ],
  [
    'the room on the disk is unknown',
    { disk: [{ host: 'web1', freeBytes: null, neededBytes: 1 }] },
    ['web1: its free disk space could not be read. Check the host, then deploy again.'],
  ],
  [
    'a sandbox that reaches out',
    { sandbox: true, timeScale: 60 },
    ['a sandbox may only reach this machine, not https://api.example.com. Remove "sandbox: true".'],
  ],
  [
    'scaled time in production',
    { timeScale: 60 },
    ['time is scaled by 60 outside the sandbox. Remove timeScale from plimsoll.yaml.'],
  ],
  [
    'a source could not be read',
    { sourceErrors: ['the ledger is locked'] },
    [
      'a source could not be read: the ledger is locked. There is no data, so the gate stays ' +
        'closed.',
    ],
  ],
  [
    'all reasons at once',
    {
      live: [state('web1')],
      rollbackReady: [{ host: 'web1', present: true }],
      quarantine: { why: 'smoke', since: 'Monday' },
      disk: [{ host: 'web1', freeBytes: 0, neededBytes: 1e6 }],
    },
    [
      'web2 did not answer, so the release that it serves is unknown. Make it reachable, then ' +
        'deploy again.',
      'release bbbbbbbbbbbb-12345678 is quarantined since Monday: smoke. Deploy a commit that ' +
        'fixes the problem.',
      'web2: it is unknown whether the rollback target aaaaaaa is there. Make the host ' +
        'reachable.',
      'web1 has 0 MB free, but a release needs 1 MB. Delete files on the host, then deploy again.',
    ],
  ],
];

test.each(rows)('closed: %s', (_, facts, reasons) => {
  expect(judgePlatform({ ...good, ...facts })).toEqual({ open: false, reasons });
  expect(withoutWay(reasons, facts.sourceErrors)).toEqual([]);
});

test('open: what is served, and the rollback', () => {
  expect(judgePlatform(good)).toEqual({
    open: true,
    reasons: [
      'web1 serves aaaaaaa',
      'web2 serves aaaaaaa',
      'rollback target: aaaaaaa is on every host',
    ],
  });
});

test('open: a first deploy says that there is no rollback target', () => {
  const live = ['web1', 'web2'].map((host) =>
    state(host, { sha: null, runningSha: null, active: false, healthy: false }),
  );
  expect(judgePlatform({ ...good, live, rollbackTarget: null, rollbackReady: [] })).toEqual({
    open: true,
    reasons: [
      'web1 serves nothing',
      'web2 serves nothing',
      'first deploy: no rollback is possible; approvers see this warning',
    ],
  });
});

test('open: a release across which nothing goes back is for its approval to say', () => {
  const noReturn = 'it brings the Durable Object migration "v1"';
  const facts = { ...good, rollbackTarget: null, noReturn, rollbackReady: [] };
  expect(judgePlatform(facts)).toMatchObject({
    open: true,
    reasons: expect.arrayContaining([
      `${noReturn}: no rollback is possible; approvers see this warning`,
    ]),
  });
});

test('open: an unhealthy live release may be replaced, and is said', () => {
  const live = [state('web1'), state('web2', { healthy: false })];
  expect(judgePlatform({ ...good, live }).reasons).toContain(
    'web2 is already unhealthy, and a rollback would bring the same release back',
  );
});

test('open: a sandbox that stays on this machine may scale time', () => {
  expect(judgePlatform({ ...good, sandbox: true, timeScale: 60, remoteEndpoints: [] }).open).toBe(
    true,
  );
});
