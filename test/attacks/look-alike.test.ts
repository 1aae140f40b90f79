import { describe, expect, test } from 'vitest';
import { sealDigest } from '../../activities/lib/seal-digest.ts';
import { decisionOf, waitingPlan } from '../../client/session/decision.ts';
import type { DeploySnapshot } from '../../domain/deploy/snapshot.ts';
import type { Plan, SealedPlan } from '../../domain/deploy/plan.ts';
import { judgeDecision } from '../../domain/approval/approval.ts';
import { newSha, openGate, wholePlan } from '../support/plan.ts';

const at = '2026-01-01T00:00:00.000Z';
const now = new Date('2026-01-01T01:00:00.000Z');
const gates = [openGate('tests', at)];
const real: SealedPlan = { plan: wholePlan, gates, digest: sealDigest(wholePlan, gates) };

/** The deploy as `plimsoll approve` reads it from a memo, which a stranger may have written. */
const read = (sealed: SealedPlan): DeploySnapshot => ({
  ...{ place: { project: 'gateway', environment: 'production' }, runId: 'r', running: true },
  ...{ state: 'RUNNING', startedAt: at, closedAt: null, requester: 'alice', phase: 'approval' },
  ...{ sealed, status: null, pending: [], failing: null },
});

const lies: Record<string, Partial<Plan>> = {
  reason: { reason: 'fix a typo in the imprint' },
  requester: { requestedBy: 'robin' },
  ref: { ref: 'typo-fix' },
  priority: { priority: 'P0' },
  'title of a commit': {
    commits: wholePlan.commits.map((one) => ({ ...one, title: 'Fix a typo in the imprint' })),
  },
  'author of a commit': {
    commits: wholePlan.commits.map((one) => ({ ...one, emails: ['robin@example.com'] })),
  },
  'pull request': {
    commits: wholePlan.commits.map((one) => ({
      ...one,
      pull: { number: 41, title: 'Typo', author: 'robin' },
    })),
  },
  'hidden commits': { commitsLeftOut: 9 },
  'last proven release': { lastProven: null },
  warnings: { warnings: [] },
  'no rollback': { noReturn: 'nothing' },
  baseline: { baseline: null },
  dependencies: { dependencies: [] },
  power: { power: ['Every error is seen.'] },
  history: { recall: { lastOutcome: 'succeeded', lastSha: null, openIncidents: [] } },
  channels: { slack: null },
  pager: { pages: ['webhook', 'smtp'] },
  repository: { github: 'acme/other' },
  branch: { branch: 'other' },
  revert: { ownsBranch: false },
  files: { files: [{ kind: 'documents', files: 1, names: ['README.md'] }] },
  compare: { compare: `https://github.com/acme/gateway/compare/${newSha}...${newSha}` },
  cost: { budget: { ...wholePlan.budget, estimate: 1 } },
  'freeze windows': { freezeWindows: [] },
  stop: { stopped: { ...wholePlan.stopped, reason: 'nothing' } },
  time: { plannedAt: '2026-01-01T00:30:00.000Z' },
};

describe('a look-alike of a deploy', () => {
  test('the real deploy can be signed', () => {
    expect(waitingPlan(read(real), { verb: 'approve' }, now)).toBe(real);
  });

  test.each(Object.entries(lies))('with another %s cannot be signed', (_, lie) => {
    const sealed = { ...real, plan: { ...real.plan, ...lie } };
    expect(() => waitingPlan(read(sealed), { verb: 'approve' }, now)).toThrow(
      `The plan of gateway production does not match its digest ${real.digest.slice(0, 8)}: ` +
        'somebody changed it, or another version of Plimsoll wrote it. Nothing was signed.\n' +
        'End the deploy, then deploy again:  plimsoll abort gateway production',
    );
  });

  test.each([
    ['reasons', { reasons: ['all green'] }],
    ['loud reasons', { loud: 1 }],
    ['time of the check', { checkedAt: '2026-01-01T00:59:00.000Z' }],
    ['waivers', { waivers: ['GHSA-1'] }],
  ])('with other %s of a gate cannot be signed', (_, lie) => {
    const sealed = { ...real, gates: gates.map((gate) => ({ ...gate, ...lie })) };
    expect(() => waitingPlan(read(sealed), { verb: 'approve' }, now)).toThrow('does not match');
  });

  test('with a digest of its own can be signed, but the real deploy ignores the signature', () => {
    const plan: Plan = { ...wholePlan, ...lies['reason'], ...lies['requester'] };
    const fake = { plan, gates, digest: sealDigest(plan, gates) };
    const shown = waitingPlan(read(fake), { verb: 'approve' }, now);
    const judged = judgeDecision({
      ...{ sealed: real, earlier: [], now: now.toISOString() },
      decision: decisionOf(shown, { verb: 'approve', approver: 'bob', now }),
      signature: { ok: true, keyType: 'ssh-ed25519', touch: false },
      people: { approvers: ['bob'], requesters: [] },
    });
    expect(judged).toMatchObject({
      verdict: 'void',
      why:
        `the decision is for the plan with digest ${fake.digest.slice(0, 12)}, but the digest of ` +
        `this plan is ${real.digest.slice(0, 12)}`,
    });
  });
});
