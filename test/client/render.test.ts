import { describe, expect, it } from 'vitest';
import { createPaint } from '../../client/paint.ts';
import type { Seen } from '../../client/read-deploy.ts';
import { renderAftermath, renderDeploy, renderReport } from '../../client/render.ts';
import { renderPlan } from '../../client/render-plan.ts';
import { plainLine } from '../../client/screen.ts';
import { sealDigest } from '../../activities/lib/seal-digest.ts';
import { firstLine } from '../../domain/policy/saga.ts';
import type { DeployStatus, GateReport } from '../../domain/plan.ts';
import { look, openGate, planFor } from '../support/plan.ts';

const at = '2026-01-01T00:00:00.000Z';
const now = new Date('2026-01-01T00:12:30.000Z');
const view = { now, paint: createPaint(false) };

const gates: GateReport[] = [
  openGate('tests', at),
  {
    gate: 'secrets',
    open: false,
    reasons: ['a key in src/pay.ts:4', 'no STRIPE_KEY'],
    checkedAt: at,
  },
];
const sealed = (changes = {}) => {
  const plan = planFor(changes);
  return { plan, gates, digest: sealDigest(plan, gates) };
};

type Known = Omit<DeployStatus, 'liveNow' | 'waitingFor' | 'doThis'>;

function statusOf(changes: Partial<Known>): DeployStatus {
  const known = {
    deployId: 'd-0123456789ab',
    project: 'gateway',
    environment: 'production',
    phase: 'approval',
    since: '2026-01-01T00:02:00.000Z',
    sealed: sealed(),
    gates,
    rulings: [],
    smoke: null,
    watch: null,
    stuck: null,
    cause: null,
    outcome: null,
    ...changes,
  } as Known;
  return { ...known, ...firstLine(known) };
}

const seenOf = (status: DeployStatus | null, changes: Partial<Seen> = {}): Seen => ({
  place: { project: 'gateway', environment: 'production' },
  runId: 'run-1',
  running: true,
  state: 'RUNNING',
  startedAt: at,
  closedAt: null,
  requester: 'alice',
  phase: 'approval',
  sealed: sealed(),
  status,
  pending: [],
  ...changes,
});

const ruling = {
  verdict: 'counted',
  decision: 'approve',
  approver: 'bob',
  why: 'bob says yes (ssh-ed25519)',
  nonce: '0'.repeat(32),
  at: '2026-01-01T00:05:06.000Z',
  touch: false,
} as const;

describe('a deploy on the screen', () => {
  it('while it waits for an approval', () => {
    const forged = {
      ...ruling,
      verdict: 'void',
      approver: 'mallory',
      why: 'not an approver',
    } as const;
    expect(renderDeploy(seenOf(statusOf({ rulings: [forged] })), view)).toMatchSnapshot();
  });

  it('while a role is waited for, and in its plan', () => {
    const roles = [{ name: 'dba', people: ['robin'] }];
    const rule = { ...planFor().rule, required: 2, eligible: ['bob', 'robin'], roles } as const;
    const needs = 'bob, robin, one of them dba (robin), before 02:00';
    const waiting = statusOf({ rulings: [ruling], sealed: sealed({ rule }) });
    expect(renderDeploy(seenOf(waiting), view)).toContain(`\napprovals  1 of 2, by ${needs}`);
    expect(renderPlan(sealed({ rule }), view)).toContain(`\napproval   2 of ${needs}`);
  });

  it('while it is watched', () => {
    const watch = {
      verdict: 'open',
      looks: 5,
      reasons: ['too early to say'],
      sources: [
        { name: 'probes', verdict: 'inconclusive', logE: 1.25, logH: -0.5 },
        { name: 'error-log', verdict: 'blind', logE: 0, logH: 0 },
      ],
    } as const;
    const smoke = {
      ok: true,
      checks: [
        { path: 'auth', outcome: 'ok', detail: '200 in 12 ms' },
        { path: 'payments', outcome: 'n/a', detail: 'nothing is sold' },
      ],
    } as const;
    const looks = [look(0, 0), look(1, 0), look(2, 1), look(3, null), look(4, 0)];
    const status = statusOf({
      phase: 'watch',
      rulings: [ruling],
      smoke: structuredClone(smoke) as never,
      watch: structuredClone(watch) as never,
      looks,
    });
    expect(renderDeploy(seenOf(status), view)).toMatchSnapshot();
  });

  it('while a step is stuck', () => {
    const stuck = { step: 'restart on one', cause: 'connection lost', since: at };
    expect(renderDeploy(seenOf(statusOf({ phase: 'release', stuck })), view)).toMatchSnapshot();
  });

  it('after it was taken back', () => {
    const cause = { kind: 'watch', blames: 'release', detail: '5 of 5 looks failed' } as const;
    const status = statusOf({ phase: 'closed', outcome: 'rolled-back', cause });
    const closed = { running: false, state: 'COMPLETED', closedAt: '2026-01-01T00:10:00.000Z' };
    expect(renderDeploy(seenOf(status, closed), view)).toMatchSnapshot();
  });

  it('with every worker down', () => {
    const pending = [{ activity: 'verifyHost', attempt: 3, failure: 'no answer' }];
    expect(renderDeploy(seenOf(null, { pending }), view)).toMatchSnapshot();
  });

  it('with every worker down and no plan yet', () => {
    expect(renderDeploy(seenOf(null, { sealed: null, phase: 'planning' }), view)).toMatchSnapshot();
  });

  it('cannot be repainted by what a commit or a log says', () => {
    const evil = '\u001b[2J\u001b[1;1Hall green\nlive now: fine\u202e';
    const stuck = { step: evil, cause: evil, since: at };
    const status = statusOf({ stuck, gates: [{ ...openGate('tests', at), reasons: [evil] }] });
    const screen = renderDeploy(seenOf(status), view);
    // oxlint-disable-next-line no-control-regex -- these must be gone
    expect(screen).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(screen.split('\n').filter((line) => line.startsWith('live now:'))).toHaveLength(1);
  });

  it('is one plain line for a log', () => {
    expect(plainLine(seenOf(statusOf({})))).toBe(
      'approval · waiting for: 1 approval by bob, until 2026-01-01T02:00:00.000Z · ' +
        'do this: npx --no plimsoll approve gateway production (or: npx --no plimsoll reject gateway production)',
    );
    const silent = {
      ...statusOf({ phase: 'planning', sealed: null }),
      liveNow: '',
      waitingFor: '',
    };
    expect(plainLine(seenOf(silent))).toMatch(/^planning · waiting for: the plan · do this: /);
    expect(plainLine(seenOf(null))).toBe('approval · waiting for: a worker');
  });
});

it('a flagged release shows who said what', () => {
  const flags = [{ text: 'nobody can pay', who: 'casey', at }];
  const screen = renderDeploy(seenOf(statusOf({ phase: 'ask', flags })), view);
  expect(screen).toMatch(/\nflag {7}\d\d:\d\d:\d\dZ "nobody can pay" \(says casey, unsigned\)\n/);
});

describe('a plan', () => {
  it('shows every effect, gate, way back, rule and the digest', () => {
    expect(renderPlan(sealed(), view)).toMatchSnapshot();
  });

  it('says that a first release has no way back', () => {
    const plan = { restoreTo: null, live: [], baseline: null, revert: 'off' as const };
    const text = renderPlan(sealed(plan), view);
    expect(text).toContain(
      'way back   none: this is the first release, a failure of it pages a person',
    );
    expect(text).toContain('for a first release');
  });

  it('says first what nobody may overlook, and what an outage would be blamed on', () => {
    const { watch } = sealed().plan;
    const [up, down] = ['https://pay.example/', 'https://mail.example/'];
    const text = renderPlan(
      sealed({
        warnings: ['aaaaaaa was already unhealthy on one when this was planned', 'and more'],
        watch: { ...watch, dependencies: [up, down] },
        dependencies: [
          { url: up, ok: true, detail: '200 in 9 ms' },
          { url: down, ok: false, detail: '503, twice' },
        ],
        baseline: { errors: 3, requests: 1800, phi: 1, tau: 0.15, of: 'c'.repeat(40) },
      }),
      view,
    );
    expect(text.split('\n').slice(1, 3)).toEqual([
      'look out   aaaaaaa was already unhealthy on one when this was planned',
      '           and more',
    ]);
    expect(text).toContain('before: 3 errors in 1800 seconds, when ccccccc was proven\n');
    expect(text).toContain(
      'if https://pay.example/ goes down, a person is asked instead of going back (now up, 200 in 9 ms)\n',
    );
    expect(text).toContain('instead of going back (now DOWN, 503, twice)\n');
  });

  it('counts requests where the access log tells them', () => {
    const { watch } = sealed().plan;
    const baseline = { errors: 3, requests: 1800, phi: 1, tau: 0.15 };
    const plan = { baseline, watch: { ...watch, accessLog: 'GET' } };
    expect(renderPlan(sealed(plan), view)).toContain('before: 3 errors in 1800 requests\n');
  });

  it('shows what it costs to touch main, and every commit by its author', () => {
    expect(renderPlan(sealed({ commitsLeftOut: 3 }), view)).toContain(
      'commits    bbbbbbb Fix the queue <alice@example.com>\n           and 3 more',
    );
  });
});

it('a report names the outcome and its reasons', () => {
  const report = {
    deployId: 'd',
    project: 'gateway',
    environment: 'production',
    platform: 'vps',
    sha: 'b'.repeat(40),
    outcome: 'gate-closed',
    reasons: ['tests: no data', 'secrets: a key in src/pay.ts:4'],
    touched: false,
  } as const;
  const rest =
    ': gate-closed (nothing was touched)\n  tests: no data\n  secrets: a key in src/pay.ts:4';
  const text = (changes: object) =>
    renderReport(structuredClone({ ...report, ...changes }) as never, view.paint);
  expect(text({})).toBe(`gateway production bbbbbbb${rest}`);
  expect(text({ sha: null })).toBe(`gateway production${rest}`);
});

it('what follows of a rollback names the branch, the quarantine and the incident', () => {
  const aftermath = {
    ...{ deployId: 'd', incident: 'incident-d', diagnosis: null, quarantined: true },
    ...{ revertSha: 'c'.repeat(40), revertNote: 'reverted by ccccccc' },
  };
  expect(renderAftermath(aftermath)).toBe(
    'The branch: reverted by ccccccc; the release is quarantined\n' +
      'What happened:  npx --no plimsoll incidents incident-d',
  );
  const without = { incident: null, quarantined: false, revertNote: 'left alone' };
  expect(renderAftermath({ ...aftermath, ...without })).toBe('The branch: left alone');
  expect(renderAftermath(null)).toBe(
    'What follows is still under way:  npx --no plimsoll incidents',
  );
});
