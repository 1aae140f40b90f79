import { describe, expect, it } from 'vitest';
import { sealDigest } from '../../../activities/lib/seal-digest.ts';
import { createPaint } from '../../../domain/messages/parts/paint.ts';
import { renderPlan } from '../../../domain/messages/plan.ts';
import {
  plainLine,
  renderAftermath,
  renderDeploy,
  renderReport,
} from '../../../domain/messages/screen.ts';
import { firstLine } from '../../../domain/messages/status.ts';
import type { DeployStatus, GateReport } from '../../../domain/deploy/plan.ts';
import type { DeploySnapshot } from '../../../client/session/read-deploy.ts';
import { sample, openGate, planFor } from '../../support/plan.ts';

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

const snapshotOf = (
  status: DeployStatus | null,
  changes: Partial<DeploySnapshot> = {},
): DeploySnapshot => ({
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
  failing: null,
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
    expect(renderDeploy(snapshotOf(statusOf({ rulings: [forged] })), view)).toMatchSnapshot();
  });

  it('while a role is waited for, and in its plan', () => {
    const roles = [{ name: 'dba', people: ['robin'] }];
    const rule = { ...planFor().rule, required: 2, eligible: ['bob', 'robin'], roles } as const;
    const needs = 'bob, robin, one of them dba (robin), before 02:00';
    const waiting = statusOf({ rulings: [ruling], sealed: sealed({ rule }) });
    expect(renderDeploy(snapshotOf(waiting), view)).toContain(`\napprovals  1 of 2, by ${needs}`);
    expect(renderPlan(sealed({ rule }), view)).toContain(`\napproval   2 of ${needs}`);
  });

  it('while it is watched', () => {
    const watch = {
      verdict: 'open',
      samples: 5,
      reasons: ['too early to say'],
      sources: [
        { name: 'probes', verdict: 'inconclusive', logE: 1.25, logH: -0.5 },
        { name: 'error-log', verdict: 'no-data', logE: 0, logH: 0 },
      ],
    } as const;
    const smoke = {
      ok: true,
      checks: [
        { path: 'auth', outcome: 'ok', detail: '200 in 12 ms' },
        { path: 'payments', outcome: 'n/a', detail: 'nothing is sold' },
      ],
    } as const;
    const samples = [sample(0, 0), sample(1, 0), sample(2, 1), sample(3, null), sample(4, 0)];
    const status = statusOf({
      phase: 'watch',
      rulings: [ruling],
      smoke: structuredClone(smoke) as never,
      watch: structuredClone(watch) as never,
      samples,
    });
    expect(renderDeploy(snapshotOf(status), view)).toMatchSnapshot();
  });

  it('while a step is stuck', () => {
    const stuck = { step: 'restart on one', cause: 'connection lost', since: at };
    expect(renderDeploy(snapshotOf(statusOf({ phase: 'release', stuck })), view)).toMatchSnapshot();
  });

  it('while Plimsoll cannot continue it, although a worker runs', () => {
    const failing = {
      count: 4,
      since: '2026-01-01T00:01:00.000Z',
      cause: 'Fatal error in workflow machines:\nActivityMachine in state Canceled',
    };
    const why =
      '4 workflow tasks failed since 00:01:00Z: Fatal error in workflow machines: ' +
      'ActivityMachine in state Canceled';
    const changes = { failing, phase: 'rollback' };
    const shown = renderDeploy(snapshotOf(null, changes), view).split('\n');
    expect(shown[0]).toBe(
      'live now: UNKNOWN: bbbbbbb or aaaaaaa · ' +
        'waiting for: nothing: Plimsoll cannot continue this deploy · ' +
        'do this: plimsoll recover gateway production',
    );
    expect(shown).toContain(`failing    ${why}`);
    expect(shown.join('\n')).not.toContain('plimsoll worker');
    expect(plainLine(snapshotOf(null, changes))).toBe(
      'rollback · waiting for: nothing: Plimsoll cannot continue this deploy · ' +
        `${why} · do this: plimsoll recover gateway production`,
    );
    const early = renderDeploy(snapshotOf(statusOf({}), { failing, phase: 'approval' }), view);
    expect(early).toContain('live now: unchanged: nothing was touched · waiting for: nothing: ');
    expect(early).not.toContain('approve also works without a worker');
  });

  it('after it was taken back', () => {
    const cause = { kind: 'watch', blames: 'release', detail: '5 of 5 samples failed' } as const;
    const status = statusOf({ phase: 'closed', outcome: 'rolled-back', cause });
    const closed = { running: false, state: 'COMPLETED', closedAt: '2026-01-01T00:10:00.000Z' };
    expect(renderDeploy(snapshotOf(status, closed), view)).toMatchSnapshot();
  });

  it('with every worker down', () => {
    const pending = [{ activity: 'verifyHost', attempt: 3, failure: 'no answer' }];
    expect(renderDeploy(snapshotOf(null, { pending }), view)).toMatchSnapshot();
  });

  it('with every worker down and no plan yet', () => {
    expect(
      renderDeploy(snapshotOf(null, { sealed: null, phase: 'planning' }), view),
    ).toMatchSnapshot();
  });

  it('cannot be repainted by what a commit or a log says', () => {
    const evil = '\u001b[2J\u001b[1;1Hall green\nlive now: fine\u202e';
    const stuck = { step: evil, cause: evil, since: at };
    const status = statusOf({ stuck, gates: [{ ...openGate('tests', at), reasons: [evil] }] });
    const screen = renderDeploy(snapshotOf(status), view);
    // oxlint-disable-next-line no-control-regex -- the test looks for control characters
    expect(screen).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(screen.split('\n').filter((line) => line.startsWith('live now:'))).toHaveLength(1);
  });

  it('is one plain line for a log', () => {
    expect(plainLine(snapshotOf(statusOf({})))).toBe(
      'approval · waiting for: 1 approval by bob, until 2026-01-01T02:00:00.000Z · ' +
        'do this: plimsoll approve gateway production (or: plimsoll reject gateway production)',
    );
    const silent = {
      ...statusOf({ phase: 'planning', sealed: null }),
      liveNow: '',
      waitingFor: '',
    };
    expect(plainLine(snapshotOf(silent))).toMatch(/^planning · waiting for: the plan · do this: /);
    expect(plainLine(snapshotOf(null))).toBe('approval · waiting for: a worker');
  });
});

it('a flagged release shows who said what', () => {
  const flags = [{ text: 'nobody can pay', who: 'casey', at }];
  const screen = renderDeploy(snapshotOf(statusOf({ phase: 'decision', flags })), view);
  expect(screen).toMatch(/\nflag {7}\d\d:\d\d:\d\dZ "nobody can pay" \(says casey, unsigned\)\n/);
});

describe('a plan', () => {
  it('shows every effect, gate, way back, rule and the digest', () => {
    expect(renderPlan(sealed(), view)).toMatchSnapshot();
  });

  it('says that a first release has no rollback target', () => {
    const plan = { rollbackTarget: null, live: [], baseline: null, revert: 'off' as const };
    const text = renderPlan(sealed(plan), view);
    expect(text).toContain(
      'rollback   none: this is the first release; if it fails, a person is paged',
    );
    expect(text).toContain('for a first release');
  });

  it('says why a release that is not the first one has no rollback target', () => {
    const noReturn = 'it brings the Durable Object migration "v1"';
    const text = renderPlan(sealed({ rollbackTarget: null, noReturn }), view);
    expect(text).toContain(`rollback   none: ${noReturn}; if it fails, a person is paged`);
    expect(text).not.toContain('first release');
  });

  it('says first what nobody may overlook, and what an outage would be blamed on', () => {
    const { watch } = sealed().plan;
    const [up, down] = ['https://pay.example/', 'https://mail.example/'];
    const text = renderPlan(
      sealed({
        warnings: ['aaaaaaa was already unhealthy on one when this deploy was planned', 'and more'],
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
      'warnings   aaaaaaa was already unhealthy on one when this deploy was planned',
      '           and more',
    ]);
    expect(text).toContain(
      'before the deploy: 3 errors in 1800 seconds, when ccccccc was proven\n',
    );
    expect(text).toContain(
      'if https://pay.example/ goes down, a person decides about the rollback (now up, 200 in ' +
        '9 ms)\n',
    );
    expect(text).toContain('about the rollback (now DOWN, 503, twice)\n');
  });

  it('tells how many lines of the log could not be read', () => {
    const unread: [number, number] = [12, 4000];
    const baseline = { errors: 3, requests: 1800, phi: 1, tau: 0.15, unread };
    expect(renderPlan(sealed({ baseline }), view)).toContain(
      'before the deploy: 3 errors in 1800 seconds; 12 of 4,000 log lines could not be read\n',
    );
  });

  it('counts requests where the access log tells them', () => {
    const { watch } = sealed().plan;
    const baseline = { errors: 3, requests: 1800, phi: 1, tau: 0.15 };
    const plan = { baseline, watch: { ...watch, accessLog: 'GET' } };
    expect(renderPlan(sealed(plan), view)).toContain(
      'before the deploy: 3 errors in 1800 requests\n',
    );
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
      'What happened:  plimsoll incidents incident-d',
  );
  const without = { incident: null, quarantined: false, revertNote: 'left alone' };
  expect(renderAftermath({ ...aftermath, ...without })).toBe('The branch: left alone');
  expect(renderAftermath(null)).toBe('The follow-up is still running:  plimsoll incidents');
});
