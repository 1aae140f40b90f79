import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApprovalRule, Ruling } from '../../../domain/deploy/plan.ts';
import { approvalState } from '../../../domain/approval/approval-state.ts';
import { judgeDecision } from '../../../domain/approval/approval.ts';
import type { Asked } from '../../../domain/approval/approval.ts';
import type { Decision } from '../../../domain/config/config.ts';
import { planFor } from '../../support/plan.ts';

const names = ['ann', 'ben', 'cy'];
const digest = 'd'.repeat(64);
const rule: ApprovalRule = {
  ...{ required: 3, reasons: [], eligible: names, notAlone: [['ann']], solo: 'off' },
};
const sealed = { plan: planFor({ rule }), gates: [], digest };
const { deployId, project, environment, sha, notAfter } = sealed.plan;
const people = { approvers: names, requesters: ['agent'] };

type Kind = 'genuine' | 'duplicate' | 'forged' | 'other plan' | 'agent' | 'late';
type Message = { kind: Kind; decision: Decision; signed: boolean; at: string };

const decisionOf = (approver: string, digit: number, over: Partial<Decision> = {}): Decision => ({
  ...{ subject: 'deploy', subjectDigest: digest, decision: 'approve', approver },
  ...{ deployId, project, environment, sha, notAfter, nonce: `${digit}`.padStart(32, '0') },
  ...over,
});
const inTime = '2026-01-01T01:00:00.000Z';
const message = (kind: Kind, decision: Decision, over: Partial<Message> = {}): Message => ({
  ...{ kind, decision, signed: true, at: inTime },
  ...over,
});

const genuine = names.map((name, n) => message('genuine', decisionOf(name, n)));
/**
 * Generates decisions that must not add an approval: a copy, a decision without a valid signature,
 * a decision on another plan, a decision of an agent, a late decision.
 */
const noise = fc.oneof(
  fc.constantFrom(...genuine).map((it) => message('duplicate', it.decision)),
  fc.constantFrom(...genuine).map((it) => message('forged', it.decision, { signed: false })),
  fc
    .constantFrom(...names)
    .map((name) => message('other plan', decisionOf(name, 9, { subjectDigest: 'e'.repeat(64) }))),
  fc.constant(message('agent', decisionOf('agent', 8))),
  fc
    .constantFrom(...names)
    .map((name) => message('late', decisionOf(name, 7), { at: '2026-01-01T02:00:00.001Z' })),
);
const orders = fc
  .array(noise, { maxLength: 10 })
  .chain((all) =>
    fc.shuffledSubarray([...genuine, ...all], { minLength: genuine.length + all.length }),
  );

/**
 * Judges the decisions in order, as the workflow does. After the last needed approval, the deploy
 * no longer waits for a decision.
 */
function play(messages: Message[]) {
  const rulings: Ruling[] = [];
  const judged = messages.map((it) => {
    const signature = it.signed
      ? ({ ok: true, keyType: 'ssh-ed25519', touch: false } as const)
      : ({ ok: false, why: 'forged' } as const);
    const { kind } = approvalState(sealed.plan, rulings);
    const asked: Asked | undefined = kind === 'waiting' ? undefined : 'nothing';
    const case_ = { sealed, decision: it.decision, signature, earlier: [...rulings] };
    const judgement = judgeDecision({ ...case_, now: it.at, people, asked });
    const { approver, nonce, decision } = it.decision;
    rulings.push({ ...judgement, approver, nonce, decision, at: it.at });
    return { ...it, ...judgement };
  });
  return { judged, state: approvalState(sealed.plan, rulings) };
}

test('1,000 orders of early, late, copied and forged among the genuine: none accepted, none lost', () => {
  fc.assert(
    fc.property(orders, (messages) => {
      const { judged, state } = play(messages);
      const counted = judged.filter(({ verdict }) => verdict === 'counted');
      expect(counted.filter(({ kind }) => kind !== 'genuine' && kind !== 'duplicate')).toEqual([]);
      // If a copy arrives before the original decision, the copy counts and the original does not.
      // In both cases each person counts once.
      expect(counted.map(({ decision }) => decision.approver).toSorted()).toEqual(names);
      expect(state.kind).toBe('approved');
      expect(judged.every(({ why }) => why !== '')).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
