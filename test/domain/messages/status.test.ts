import { expect, test } from 'vitest';
import type { DeployStatus, HostState, Plan, Ruling } from '../../../domain/deploy/plan.ts';
import { timing } from '../../../domain/deploy/timing.ts';
import { secretsLocked } from '../../../domain/platforms/cloudflare/steps.ts';
import { cloudflareTarget } from '../../support/fake-cloudflare.ts';
import { proofLines } from '../../../domain/messages/rollback-proof.ts';
import { describe as describeStatus, firstLine } from '../../../domain/messages/status.ts';

const before = 'a'.repeat(40);
const fresh = 'b'.repeat(40);
const host = (name: string, sha: string | null): HostState => ({
  host: name,
  sha,
  runningSha: sha,
  invocationId: '1',
  active: true,
  healthy: true,
});
const plan = {
  target: { platform: 'vps' },
  release: { id: 'b-1', sha: fresh },
  rollbackTarget: { id: 'a-1', sha: before },
  live: [host('web1', before), host('web2', before)],
  rule: { required: 2, reasons: [], eligible: ['asha', 'ravi', 'mei'], notAlone: [], solo: 'off' },
  watch: { onInconclusive: 'keep' },
  timing: timing(),
  notAfter: '2024-05-01T12:00:00Z',
} as unknown as Plan;
const sealed = (more: Partial<Plan> = {}) => ({
  plan: { ...plan, ...more },
  gates: [],
  digest: 'd',
});
const status: DeployStatus = {
  deployId: 'd1',
  project: 'shop',
  environment: 'production',
  phase: 'planning',
  since: '2024-05-01T10:00:00Z',
  liveNow: '',
  waitingFor: '',
  doThis: '',
  sealed: null,
  gates: [],
  rulings: [],
  smoke: null,
  watch: null,
  stuck: null,
  cause: null,
  outcome: null,
};
const counted = (approver: string): Ruling => ({
  verdict: 'counted',
  decision: 'approve',
  approver,
  why: 'approver',
  nonce: 'n',
  at: 'now',
  touch: false,
});
const stuck = { step: 'restart web1', cause: 'no answer from web1', since: '2024-05-01T10:05:00Z' };
const crossing = { forwardOnly: 'db/1.sql' };
const abort = 'nothing; to stop the deploy: plimsoll abort shop production';
const notTouched = 'unchanged: nothing was touched';

type Row = [string, Partial<DeployStatus>, [string, string, string]];
const open: Row[] = [
  ['planning', {}, [notTouched, 'the plan', abort]],
  ['preflight', { phase: 'preflight' }, [notTouched, 'the gates', abort]],
  [
    'approval',
    { phase: 'approval', sealed: sealed() },
    [
      'aaaaaaa on 2 hosts',
      '2 approvals by asha or ravi or mei, until 2024-05-01T12:00:00Z',
      'plimsoll approve shop production (or: plimsoll reject shop production)',
    ],
  ],
  [
    'approval, by number enough, without the role',
    {
      phase: 'approval',
      sealed: sealed({
        rule: { ...plan.rule, roles: [{ name: 'dba', people: ['mei'] }] },
      }),
      rulings: [counted('asha'), counted('ravi')],
    },
    [
      'aaaaaaa on 2 hosts',
      '1 approval by mei, until 2024-05-01T12:00:00Z',
      'plimsoll approve shop production (or: plimsoll reject shop production)',
    ],
  ],
  [
    'approval, one of two given twice',
    { phase: 'approval', sealed: sealed(), rulings: [counted('asha'), counted('asha')] },
    [
      'aaaaaaa on 2 hosts',
      '1 approval by ravi or mei, until 2024-05-01T12:00:00Z',
      'plimsoll approve shop production (or: plimsoll reject shop production)',
    ],
  ],
  [
    'approval, complete',
    {
      phase: 'approval',
      sealed: sealed(),
      rulings: [counted('asha'), { ...counted('ravi'), nonce: 'm' }],
    },
    ['aaaaaaa on 2 hosts', 'the recheck of the gates, and the first effect', abort],
  ],
  [
    'approval, two of two who wrote it all',
    {
      phase: 'approval',
      sealed: sealed({ rule: { ...plan.rule, notAlone: [['asha', 'ravi']] } }),
      rulings: [counted('asha'), { ...counted('ravi'), nonce: 'm' }],
    },
    [
      'aaaaaaa on 2 hosts',
      '1 approval by mei, until 2024-05-01T12:00:00Z',
      'plimsoll approve shop production (or: plimsoll reject shop production)',
    ],
  ],
  [
    'approval, alone, the second confirmation',
    {
      phase: 'approval',
      sealed: sealed({ rule: { ...plan.rule, eligible: ['asha'], solo: 'touch-key' } }),
      rulings: [counted('asha')],
    },
    [
      'aaaaaaa on 2 hosts',
      '1 approval by asha, until 2024-05-01T12:00:00Z',
      'plimsoll approve shop production (or: plimsoll reject shop production)',
    ],
  ],
  [
    'release',
    { phase: 'release', sealed: sealed() },
    ['changing from aaaaaaa to bbbbbbb, host by host', 'the platform', abort],
  ],
  [
    'release, stuck',
    { phase: 'release', sealed: sealed(), stuck },
    [
      'changing from aaaaaaa to bbbbbbb, host by host',
      'a person: "restart web1" is stuck since 2024-05-01T10:05:00Z: no answer from web1; ' +
        'if nobody sends retry, the release is rolled back at 12:05Z',
      'fix the cause, then: plimsoll retry shop production (or roll back: plimsoll rollback ' +
        'shop production)',
    ],
  ],
  [
    'smoke',
    { phase: 'smoke', sealed: sealed() },
    ['bbbbbbb, not yet proven', 'the critical paths to answer', abort],
  ],
  [
    'watch',
    { phase: 'watch', sealed: sealed() },
    ['bbbbbbb, not yet proven', 'the watch to end', abort],
  ],
  [
    'decision',
    { phase: 'decision', sealed: sealed() },
    [
      'bbbbbbb, not yet proven',
      'a person: is this release healthy? After 2 h without an answer, the release is kept as unproven',
      'check the site; bad: plimsoll rollback shop production; good: plimsoll keep shop ' +
        'production',
    ],
  ],
  [
    'decision, flagged',
    {
      phase: 'decision',
      since: '2024-05-01T10:00:00Z',
      sealed: sealed(),
      flags: [{ text: 'nobody can pay', who: 'asha', at: '2024-05-01T10:05:00Z' }],
    },
    [
      'bbbbbbb, not yet proven',
      'a person: "nobody can pay" (says asha, unsigned); if nobody signs keep, the release is rolled back at 10:20Z',
      'check the site; bad: plimsoll rollback shop production; good: plimsoll keep shop ' +
        'production',
    ],
  ],
  [
    'settle',
    { phase: 'settle', sealed: sealed() },
    ['bbbbbbb, not yet proven', 'the ledger and the notes', 'nothing'],
  ],
  [
    'rollback',
    { phase: 'rollback', sealed: sealed() },
    ['rolling back from bbbbbbb to aaaaaaa', 'the rollback to be proven on every host', 'nothing'],
  ],
  [
    'rollback, stuck',
    { phase: 'rollback', sealed: sealed(), stuck },
    [
      'rolling back from bbbbbbb to aaaaaaa',
      'a person: "restart web1" is stuck since 2024-05-01T10:05:00Z: no answer from web1; ' +
        'if nobody sends retry, Plimsoll gives up at 2024-05-02 10:05Z',
      'fix the cause, then: plimsoll retry shop production',
    ],
  ],
  [
    'settle, stuck: nothing goes back any more',
    { phase: 'settle', sealed: sealed(), stuck },
    [
      'bbbbbbb, not yet proven',
      'a person: "restart web1" is stuck since 2024-05-01T10:05:00Z: no answer from web1; ' +
        'if nobody sends retry, the deploy ends without a record at 2024-05-02 10:05Z',
      'fix the cause, then: plimsoll retry shop production',
    ],
  ],
  [
    'closed, but its end is not recorded',
    { phase: 'closed', outcome: 'rejected', sealed: sealed(), stuck },
    [
      'aaaaaaa on 2 hosts',
      'a person: "restart web1" is stuck since 2024-05-01T10:05:00Z: no answer from web1; ' +
        'if nobody sends retry, the deploy ends without a record at 2024-05-02 10:05Z',
      'fix the cause, then: plimsoll retry shop production',
    ],
  ],
];
const closed = (outcome: DeployStatus['outcome'], more: Partial<DeployStatus> = {}) => ({
  phase: 'closed' as const,
  outcome,
  sealed: sealed(),
  ...more,
});
const history = 'plimsoll history shop production';
const ended: Row[] = [
  ['succeeded', closed('succeeded'), ['bbbbbbb, proven healthy', 'nothing: succeeded', 'nothing']],
  [
    'unproven',
    closed('unproven'),
    [
      'bbbbbbb, never proven healthy',
      'nothing: unproven',
      'check the site; fix it with the next deploy',
    ],
  ],
  [
    'gate-closed before a plan was sealed',
    closed('gate-closed', { sealed: null }),
    [
      notTouched,
      'nothing: gate-closed',
      'fix the problems that the closed gates name, then deploy again',
    ],
  ],
  [
    'rejected',
    closed('rejected'),
    ['aaaaaaa on 2 hosts', 'nothing: rejected', 'read why it was rejected'],
  ],
  [
    'expired',
    closed('expired'),
    ['aaaaaaa on 2 hosts', 'nothing: expired', 'deploy again when an approver has time'],
  ],
  ['aborted', closed('aborted'), ['aaaaaaa on 2 hosts', 'nothing: aborted', 'nothing']],
  [
    'rolled-back',
    closed('rolled-back'),
    ['aaaaaaa, rolled back and proven', 'nothing: rolled-back', `read why: ${history}`],
  ],
  [
    'rolled-back, and something could not be seen',
    closed('rolled-back', {
      proof: { requests: 80, problems: [], notChecked: ['web-1: the owner of port 80'] },
    }),
    [
      'aaaaaaa, rolled back and proven; not checked: web-1: the owner of port 80',
      'nothing: rolled-back',
      `read why: ${history}`,
    ],
  ],
  [
    'rolled-back-still-failing',
    closed('rolled-back-still-failing'),
    [
      'aaaaaaa, rolled back; still failing',
      'a person: the rollback target fails as well',
      'find out why aaaaaaa fails now: the data, a dependency, a process; what happened: ' +
        history,
    ],
  ],
  [
    'rollback-failed',
    closed('rollback-failed'),
    [
      'UNKNOWN: bbbbbbb or aaaaaaa, because the rollback failed',
      'a person at the hosts',
      `check every host now, make aaaaaaa live by hand; what happened: ${history}`,
    ],
  ],
];

test('a rollback of a Worker ends with what people must know about its secrets', () => {
  const at = sealed({ target: cloudflareTarget });
  const { doThis } = firstLine({ ...status, ...closed('rolled-back', { sealed: at }) });
  expect(doThis).toBe(`read why: ${history}; ${secretsLocked('agency-router')}`);
});

test.each([...open, ...ended])('%s', (_, more, [liveNow, waitingFor, doThis]) => {
  expect(firstLine({ ...status, ...more })).toEqual({ liveNow, waitingFor, doThis });
});

test.each<[HostState[], string]>([
  [[], 'unknown: no host was read'],
  [[host('web1', null)], 'nothing on web1'],
  [[host('web1', before), host('web2', null)], 'MIXED: aaaaaaa on web1, nothing on web2'],
])('what is live is never guessed: %#', (live, text) => {
  const { liveNow } = firstLine({ ...status, phase: 'approval', sealed: sealed({ live }) });
  expect(liveNow).toBe(text);
});

test('the details begin with the first line and show everything behind it', () => {
  const { details } = describeStatus({
    ...status,
    phase: 'watch',
    sealed: sealed(),
    gates: [{ gate: 'tests', open: false, reasons: ['one', 'two'], checkedAt: 'now' }],
    rulings: [counted('asha')],
    smoke: { ok: true, checks: [{ path: 'core', outcome: 'ok', detail: '200' }] },
    watch: { verdict: 'open', sources: [], samples: 3, reasons: ['probes: fine'] },
    cause: { kind: 'watch', blames: 'release', detail: 'it broke' },
  });
  const code = '`plimsoll abort shop production`';
  expect(details).toBe(
    [
      `**live now:** bbbbbbb, not yet proven · **waiting for:** the watch to end · **do this:** nothing; to stop the deploy: ${code}`,
      '**In this Web UI**\n\n- signal `rollback` or `abort` without input: roll back the ' +
        'release',
      '**Cause**\n\n- watch: it broke',
      '**Gates**\n\n- tests: CLOSED: one; two',
      '**May approve**\n\n- asha, ravi, mei',
      '**Decisions**\n\n- approve by asha: counted: approver',
      '**Smoke**\n\n- core: ok: 200',
      '**Watch**\n\n- open after 3 samples\n- probes: fine',
      '\u00a0\n\n\u00a0',
    ].join('\n\n'),
  );
});

test.each([
  ['git fetch --all failed', 'git fetch `--all` failed'],
  ['set --name=shop, then stop', 'set `--name=shop`, then stop'],
  ['write "docker compose run --rm web" on it', 'write `"docker compose run --rm web"` on it'],
  ['plimsoll waive shop x --reason is needed', '`plimsoll waive shop x --reason is needed`'],
  ['it ran `npm ci --force` first', 'it ran \\`npm ci `--force`\\` first'],
  ['say "[x](http://a) --y" now', 'say `"[x](http://a) --y"` now'],
  ['see [x](http://a) --y', 'see \\[x\\](http://a) `--y`'],
  ['sh -s -- stage', 'sh -s `--` stage'],
  ['a well-known word, and one - alone', 'a well-known word, and one - alone'],
])('the Web UI shows %j with its options', (detail, shown) => {
  const cause = { kind: 'watch', blames: 'release', detail } as const;
  expect(describeStatus({ ...status, cause }).details).toContain(`\n- watch: ${shown}\n`);
});

const decide =
  'signal `decide`, its input is the output of this command: `plimsoll approve shop ' +
  'production --print`';
const retry = 'signal `retry` without input: try the step again';
const back = 'signal `rollback` or `abort` without input: roll back the release';
const end = 'signal `rollback` or `abort` without input: end the deploy; nothing was touched';
const unrecorded =
  'signal `abort` without input: give up: the deploy ends, but its outcome is missing in the ledger';
const giveUp = 'signal `abort` without input: give up; a person fixes the hosts';

test.each<[string, Partial<DeployStatus>, string[]]>([
  ['planning', {}, [end]],
  ['approval', { phase: 'approval', sealed: sealed() }, [decide, end]],
  [
    'decision',
    { phase: 'decision', sealed: sealed() },
    [decide.replace(' approve ', ' keep '), back],
  ],
  ['release', { phase: 'release', sealed: sealed() }, [back]],
  ['release, stuck', { phase: 'release', sealed: sealed(), stuck }, [retry, back]],
  ['rollback', { phase: 'rollback', sealed: sealed() }, []],
  ['rollback, stuck', { phase: 'rollback', sealed: sealed(), stuck }, [retry, giveUp]],
  ['settle', { phase: 'settle', sealed: sealed() }, []],
  ['settle, stuck', { phase: 'settle', sealed: sealed(), stuck }, [retry, unrecorded]],
  [
    'closed, stuck',
    { phase: 'closed', outcome: 'expired', sealed: sealed(), stuck },
    [retry, unrecorded],
  ],
  ['closed', closed('rolled-back'), []],
])('the Web UI alone is enough: %s', (_, more, signals) => {
  const { details } = describeStatus({ ...status, ...more });
  expect(details.split('\n').filter((line) => line.startsWith('- signal'))).toEqual(
    signals.map((line) => `- ${line}`),
  );
});

test('a release that failed across a schema', () => {
  const waiting = {
    ...status,
    sealed: sealed(crossing),
    phase: 'awaiting-rollback-approval',
  } as const;
  expect(firstLine(waiting)).toEqual({
    liveNow: 'bbbbbbb, FAILED, on every host that it reached',
    waitingFor:
      'an approver: the rollback crosses schema migrations that are not declared ' +
      'backward-compatible (db/1.sql); after 24 h without an answer, the release stays live',
    doThis:
      'check the database; to fix forward: plimsoll keep shop production, then deploy the fix; ' +
      'to roll back: plimsoll reject shop production (signed)',
  });
  expect(describeStatus(waiting).details).toContain(
    '- signal `decide`, its input is the output of this command: `plimsoll keep shop ' +
      'production --print` (the release stays) or `plimsoll reject shop production --print` (roll' +
      'back)\n' +
      '- signal `abort` without input: end the deploy; the release stays live',
  );
  expect(firstLine({ ...waiting, phase: 'closed', outcome: 'rollback-not-approved' })).toEqual({
    liveNow: 'bbbbbbb, which FAILED, on every host that it reached',
    waitingFor: 'a person: nobody signed the rollback',
    doThis:
      'check every host and the database now; fix it with the next deploy; what happened: ' +
      'plimsoll history shop production',
  });
});

test('a question across a schema is answered by a signature', () => {
  const asked = { ...status, sealed: sealed(crossing), phase: 'decision' } as const;
  expect(firstLine(asked).doThis).toBe(
    'check the site; bad: plimsoll reject shop production; good: plimsoll keep shop production',
  );
  const watched = { ...asked, phase: 'watch' } as const;
  expect(describeStatus(watched).details).toContain('stop here; the rollback must be signed');
});

test.each([
  [0, ['not proven: the platform did not answer'], 'no request was made, so nothing was measured'],
  [40, ['core answered 500'], '40 requests over new connections: rolled back; still failing'],
  [40, [], '40 requests over new connections: all answers were correct'],
])('the proof of a rollback with %i requests', (requests, problems, first) => {
  expect(proofLines({ requests, problems, notChecked: [] })).toEqual([first, ...problems]);
});
