import { describe, expect, it } from 'vitest';
import { decisionOf, waitingPlan } from '../../client/decision.ts';
import { sealDigest } from '../../activities/lib/seal-digest.ts';
import type { Verb } from '../../client/decision.ts';
import type { Seen } from '../../client/read-deploy.ts';
import type { Plan } from '../../domain/plan.ts';
import { Decision } from '../../domain/schema.ts';
import { openGate, planFor, sha } from '../support/plan.ts';

const at = '2026-01-01T00:00:00.000Z';
const now = new Date('2026-01-01T01:00:00.000Z');
const gates = [openGate('tests', at)];
const sealed = (changes: Partial<Plan> = {}) => {
  const plan = planFor(changes);
  return { plan, gates, digest: sealDigest(plan, gates) };
};
const seen = (changes: Partial<Seen> = {}): Seen => ({
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
  ...changes,
});
const refused = (it: Seen, commit?: string, when = now, verb?: Verb) => {
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
    expect(refused(seen())).toBeNull();
    expect(refused(seen(), 'bbbbbbb')).toBeNull();
  });

  it('is not there before it was planned', () => {
    expect(refused(seen({ sealed: null, phase: 'preflight' }))).toEqual({
      exitCode: 8,
      message: `gateway production is not waiting for a decision yet: it is in preflight. Nothing was signed.
Watch it:  npx --no plimsoll watch gateway production`,
    });
  });

  it('is another commit than the one that was meant', () => {
    expect(refused(seen(), sha('c'))?.exitCode).toBe(6);
  });

  it('is past its approval', () => {
    expect(refused(seen({ phase: 'watch' }))).toEqual({
      exitCode: 4,
      message: `gateway production is in watch: no decision is asked any more. Nothing was signed.
Take it back at any time:  npx --no plimsoll rollback gateway production`,
    });
  });

  it('expired', () => {
    expect(refused(seen(), undefined, new Date('2026-01-01T02:00:01.000Z'))).toEqual({
      exitCode: 3,
      message: `The plan of gateway production expired at 2026-01-01T02:00:00.000Z. Nothing was signed.
Deploy again:  npx --no plimsoll deploy gateway production`,
    });
  });

  it.each<[string, Partial<Plan>]>([
    ['target', { target: { ...planFor().target, directory: '/srv/other' } }],
    ['way back', { restoreTo: null }],
    ['rule', { rule: { ...planFor().rule, required: 0 } }],
    ['place', { environment: 'staging' }],
  ])('is refused when somebody changed its %s', (_, changes) => {
    const changed = { ...sealed(), plan: planFor(changes) };
    expect(refused(seen({ sealed: changed }))).toMatchObject({ exitCode: 4 });
  });

  it('of another place is refused although its digest fits', () => {
    expect(refused(seen({ sealed: sealed({ environment: 'staging' }) }))).toMatchObject({
      exitCode: 4,
    });
  });
});

describe('a ship and a keep are never taken for each other', () => {
  it('approve where a keep is asked', () => {
    expect(refused(seen({ phase: 'ask' }), undefined, now, 'approve')).toEqual({
      exitCode: 4,
      message: `gateway production is live already, and asks whether it may stay although nobody could prove it healthy. Nothing was signed.
Look at it, then sign that:  npx --no plimsoll keep gateway production`,
    });
    expect(refused(seen({ phase: 'ask' }), undefined, now, 'keep')).toBe(null);
    expect(refused(seen({ phase: 'ask' }), undefined, now, 'reject')).toBe(null);
  });

  it('keep where a ship is asked', () => {
    expect(refused(seen(), undefined, now, 'keep')).toEqual({
      exitCode: 4,
      message: `gateway production waits for an approval to ship, it is not live yet. Nothing was signed.
Look at it, then sign that:  npx --no plimsoll approve gateway production`,
    });
    expect(refused(seen(), undefined, now, 'approve')).toBe(null);
  });
});

describe('a decision', () => {
  const how = { verb: 'approve', approver: 'bob', now } as const;

  it('is about this plan and runs out with it', () => {
    const decision = decisionOf(sealed(), how);
    expect(Decision.parse(decision)).toEqual({
      subject: 'ship',
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
    expect(decisionOf(sealed({ restoreTo: null }), how).subject).toBe('first');
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
