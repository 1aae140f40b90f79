import { describe, expect, it } from 'vitest';
import { decisionOf, waitingPlan } from '../../../client/session/decision.ts';
import { sealDigest } from '../../../activities/lib/seal-digest.ts';
import type { Verb } from '../../../client/session/decision.ts';
import type { DeploySnapshot } from '../../../client/session/read-deploy.ts';
import type { Plan } from '../../../domain/deploy/plan.ts';
import { Decision } from '../../../domain/config/config.ts';
import { openGate, planFor, sha } from '../../support/plan.ts';

const at = '2026-01-01T00:00:00.000Z';
const now = new Date('2026-01-01T01:00:00.000Z');
const gates = [openGate('tests', at)];
const sealed = (changes: Partial<Plan> = {}) => {
  const plan = planFor(changes);
  return { plan, gates, digest: sealDigest(plan, gates) };
};
const snapshot = (changes: Partial<DeploySnapshot> = {}): DeploySnapshot => ({
  place: { project: 'gateway', environment: 'production' },
  runId: 'r',
  running: true,
  state: 'RUNNING',
  startedAt: at,
  closedAt: null,
  requester: 'alice',
  phase: 'approval',
  sealed: sealed(),
  status: null,
  pending: [],
  failing: null,
  ...changes,
});
const refused = (it: DeploySnapshot, commit?: string, when = now, verb?: Verb) => {
  try {
    waitingPlan(it, { sha: commit, ...(verb ? { verb } : {}) }, when);
    return null;
  } catch (error) {
    const { exitCode, message } = error as { exitCode: number; message: string };
    return { exitCode, message };
  }
};

describe('a plan that waits', () => {
  it('is taken as it is, by its own digest and any prefix of its commit', () => {
    expect(refused(snapshot())).toBeNull();
    expect(refused(snapshot(), 'bbbbbbb')).toBeNull();
  });

  it('is not there before it was planned', () => {
    expect(refused(snapshot({ sealed: null, phase: 'preflight' }))).toEqual({
      exitCode: 8,
      message: `The deploy of gateway production is in preflight: no decision is open yet. Nothing was signed.
Watch it:  plimsoll watch gateway production`,
    });
  });

  it('is another commit than the one that was meant', () => {
    expect(refused(snapshot(), sha('c'))?.exitCode).toBe(6);
  });

  it('is past its approval', () => {
    expect(refused(snapshot({ phase: 'watch' }))).toEqual({
      exitCode: 4,
      message: `The deploy of gateway production is in watch: no decision is open any more. Nothing was signed.
Roll it back at any time:  plimsoll rollback gateway production`,
    });
  });

  it('expired', () => {
    expect(refused(snapshot(), undefined, new Date('2026-01-01T02:00:01.000Z'))).toEqual({
      exitCode: 3,
      message: `The plan of gateway production expired at 2026-01-01T02:00:00.000Z. Nothing was signed.
Deploy again:  plimsoll deploy gateway production`,
    });
  });

  it.each<[string, Partial<Plan>]>([
    ['target', { target: { ...planFor().target, directory: '/srv/other' } }],
    ['way back', { rollbackTarget: null }],
    ['rule', { rule: { ...planFor().rule, required: 0 } }],
    ['place', { environment: 'staging' }],
  ])('is refused when somebody changed its %s', (_, changes) => {
    const changed = { ...sealed(), plan: planFor(changes) };
    expect(refused(snapshot({ sealed: changed }))).toMatchObject({ exitCode: 4 });
  });

  it('of another place is refused although its digest fits', () => {
    expect(refused(snapshot({ sealed: sealed({ environment: 'staging' }) }))).toMatchObject({
      exitCode: 4,
    });
  });
});

describe('an approval and a keep are never confused', () => {
  it('approve where a keep is needed', () => {
    expect(refused(snapshot({ phase: 'decision' }), undefined, now, 'approve')).toEqual({
      exitCode: 4,
      message: `The release of gateway production is live already. It was not proven healthy, so the question is whether it may stay. Nothing was signed.
See the deploy, then sign:  plimsoll keep gateway production`,
    });
    expect(refused(snapshot({ phase: 'decision' }), undefined, now, 'keep')).toBe(null);
    expect(refused(snapshot({ phase: 'decision' }), undefined, now, 'reject')).toBe(null);
  });

  it('keep where an approval is needed', () => {
    expect(refused(snapshot(), undefined, now, 'keep')).toEqual({
      exitCode: 4,
      message: `The release of gateway production is not live yet. It waits for an approval. Nothing was signed.
See the deploy, then sign:  plimsoll approve gateway production`,
    });
    expect(refused(snapshot(), undefined, now, 'approve')).toBe(null);
  });
});

describe('a decision', () => {
  const how = { verb: 'approve', approver: 'bob', now } as const;

  it('is about this plan and expires with it', () => {
    const decision = decisionOf(sealed(), how);
    expect(Decision.parse(decision)).toEqual({
      subject: 'deploy',
      subjectDigest: sealed().digest,
      deployId: 'd-0123456789ab',
      project: 'gateway',
      environment: 'production',
      sha: sha('b'),
      decision: 'approve',
      approver: 'bob',
      nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
      notAfter: '2026-01-01T02:00:00.000Z',
    });
    expect(decisionOf(sealed(), how).nonce).not.toBe(decision.nonce);
  });

  it('about a first release says so', () => {
    expect(decisionOf(sealed({ rollbackTarget: null }), how).subject).toBe('first');
  });

  it('to keep an unproven release runs as long as a question stays open', () => {
    expect(decisionOf(sealed(), { ...how, asked: 'keep' })).toMatchObject({
      subject: 'keep',
      notAfter: '2026-01-01T03:00:00.000Z',
    });
    expect(decisionOf(sealed(), { ...how, verb: 'keep', asked: 'keep' })).toMatchObject({
      ...{ subject: 'keep', decision: 'approve' },
    });
  });
});
