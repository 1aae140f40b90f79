import { expect, test } from 'vitest';
import type { HostState } from '../../../../domain/plan.ts';
import { judgePlatform, type PlatformFacts } from '../../../../domain/policy/gates.ts';

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
  restoreTo: { id: 'aaaaaaaaaaaa-12345678', sha: old },
  wayBack: [
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
    { hosts: [], wayBack: [] },
    ['no host is configured. Name one under hosts in plimsoll.yaml.'],
  ],
  [
    'a host did not answer',
    { live: [state('web1')] },
    ['web2 did not answer: what it serves is unknown. Reach it, then deploy again.'],
  ],
  [
    'a mixed fleet',
    { live: [state('web1'), state('web2', { sha: fresh, runningSha: fresh })] },
    [
      'the hosts serve different releases (web1 aaaaaaa, web2 bbbbbbb): there is no one way back. Make them equal first.',
    ],
  ],
  [
    'half a fleet serves nothing',
    { live: [state('web1'), state('web2', { sha: null, runningSha: null })] },
    [
      'the hosts serve different releases (web1 aaaaaaa, web2 nothing): there is no one way back. Make them equal first.',
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
    'the way back is gone on one host',
    {
      wayBack: [
        { host: 'web1', present: true },
        { host: 'web2', present: false },
      ],
    },
    [
      'web2: the way back is gone, release aaaaaaa is not on the host. Stage it there again, then deploy again.',
    ],
  ],
  [
    'nobody saw the way back',
    { wayBack: [{ host: 'web1', present: null }] },
    [
      'web1: whether aaaaaaa is there to go back to is unknown. Reach it.',
      'web2: whether aaaaaaa is there to go back to is unknown. Reach it.',
    ],
  ],
  [
    'something is live that nobody recorded',
    { restoreTo: null, wayBack: [] },
    ['something is live but no release is recorded to go back to. Record it: plimsoll adopt.'],
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
      restoreTo: null,
      wayBack: [],
    },
    ['something is live but no release is recorded to go back to. Record it: plimsoll adopt.'],
  ],
  [
    'a host without flock',
    { withoutLock: ['web2'] },
    ['web2 has no flock: two deploys could meet there. Install util-linux on it.'],
  ],
  [
    'the release is quarantined',
    { quarantine: { why: 'watch: outage', since: '2024-05-01T10:00:00Z' } },
    [
      'release bbbbbbbbbbbb-12345678 is quarantined since 2024-05-01T10:00:00Z: watch: outage. Deploy a commit that mends it.',
    ],
  ],
  [
    'no room on the disk',
    { disk: [{ host: 'web1', freeBytes: 12_500_000, neededBytes: 500_000_000 }] },
    ['web1 has 12 MB free, a release needs 500 MB. Make room, then deploy again.'],
  ],
  [
    'the room on the disk is unknown',
    { disk: [{ host: 'web1', freeBytes: null, neededBytes: 1 }] },
    ['web1: its free disk space could not be read. Look there, then deploy again.'],
  ],
  [
    'a sandbox that reaches out',
    { sandbox: true, timeScale: 60 },
    ['a sandbox may only reach this machine, not https://api.example.com. Remove sandbox: true.'],
  ],
  [
    'scaled time in production',
    { timeScale: 60 },
    ['time is scaled by 60 outside the sandbox. Remove timeScale from plimsoll.yaml.'],
  ],
  [
    'a source could not be read',
    { sourceErrors: ['the ledger is locked'] },
    ['could not be read: the ledger is locked. Nothing is known, so the gate stays closed.'],
  ],
  [
    'all reasons at once',
    {
      live: [state('web1')],
      wayBack: [{ host: 'web1', present: true }],
      quarantine: { why: 'smoke', since: 'Monday' },
      disk: [{ host: 'web1', freeBytes: 0, neededBytes: 1e6 }],
    },
    [
      'web2 did not answer: what it serves is unknown. Reach it, then deploy again.',
      'release bbbbbbbbbbbb-12345678 is quarantined since Monday: smoke. Deploy a commit that mends it.',
      'web2: whether aaaaaaa is there to go back to is unknown. Reach it.',
      'web1 has 0 MB free, a release needs 1 MB. Make room, then deploy again.',
    ],
  ],
];

test.each(rows)('closed: %s', (_, facts, reasons) => {
  expect(judgePlatform({ ...good, ...facts })).toEqual({ open: false, reasons });
});

test('open: what is served, and the way back', () => {
  expect(judgePlatform(good)).toEqual({
    open: true,
    reasons: ['web1 serves aaaaaaa', 'web2 serves aaaaaaa', 'way back: aaaaaaa is on every host'],
  });
});

test('open: a first deploy says that there is no way back', () => {
  const live = ['web1', 'web2'].map((host) =>
    state(host, { sha: null, runningSha: null, active: false, healthy: false }),
  );
  expect(judgePlatform({ ...good, live, restoreTo: null, wayBack: [] })).toEqual({
    open: true,
    reasons: [
      'web1 serves nothing',
      'web2 serves nothing',
      'first deploy: there is no way back; the approval says so',
    ],
  });
});

test('open: a release across which nothing goes back is for its approval to say', () => {
  const noReturn = 'it brings the Durable Object migration "v1"';
  const facts = { ...good, restoreTo: null, noReturn, wayBack: [] };
  expect(judgePlatform(facts)).toMatchObject({
    open: true,
    reasons: expect.arrayContaining([`${noReturn}: there is no way back; the approval says so`]),
  });
});

test('open: an unhealthy live release may be replaced, and is said', () => {
  const live = [state('web1'), state('web2', { healthy: false })];
  expect(judgePlatform({ ...good, live }).reasons).toContain(
    'web2 is unhealthy already: going back leads to the same release',
  );
});

test('open: a sandbox that stays on this machine may scale time', () => {
  expect(judgePlatform({ ...good, sandbox: true, timeScale: 60, remoteEndpoints: [] }).open).toBe(
    true,
  );
});
