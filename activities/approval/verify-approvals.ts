import type { Activities } from '../../domain/activities.ts';
import { failures } from '../../domain/failures.ts';
import type { Plan, Ruling, SealedPlan } from '../../domain/plan.ts';
import { approvalState } from '../../domain/policy/approval-state.ts';
import { judgeDecision } from '../../domain/policy/approval.ts';
import { isProduction } from '../../domain/policy/rule.ts';
import { freezeAtLast } from '../../domain/policy/freeze-at-last.ts';
import { stopAtLast } from '../../domain/policy/stop.ts';
import { SignedDecision } from '../../domain/schema.ts';
import { readStop } from '../ledger/stop.ts';
import { sealDigest } from '../lib/seal-digest.ts';
import { pulse } from '../git/pulse.ts';
import { final } from '../lib/fail.ts';
import { available, peopleOf, signatureOf, type ApprovalDeps } from './ruling.ts';

/**
 * Everything again, with today's configuration: signatures, plan, quorum. What a workflow believes
 * does not matter.
 */
export const createVerifyApprovals =
  (deps: ApprovalDeps): Activities['verifyApprovals'] =>
  ({ sealed, signed, built = false }) =>
    pulse(async () => {
      const { plan } = sealed;
      const now = (deps.now ?? Date.now)();
      const broken = brokenPlan(sealed) ?? (built ? null : tooOld(plan, now));
      if (broken) throw refused(plan, broken);
      const ended = await available(deps.ledger.find(`${plan.deployId}/closed`));
      if (ended) throw refused(plan, endedWords(ended.body['outcome']));
      if (!plan.goesBack) await lineIsOpen(deps, plan, { now, built });
      const rulings: Ruling[] = [];
      for (const one of signed) rulings.push(await judgeAgain(deps, sealed, one, rulings));
      const state = approvalState(plan, rulings);
      if (state.kind === 'approved') return;
      const voids = rulings.filter(({ verdict }) => verdict === 'void').map(({ why }) => why);
      throw refused(plan, [...voids, state.why].join('; '));
    });

async function lineIsOpen(
  { ledger, config }: ApprovalDeps,
  plan: Plan,
  at: { now: number; built: boolean },
): Promise<void> {
  const stopped = stopAtLast(plan, await available(readStop(ledger, config())));
  const held = stopped ?? freezeAtLast(plan, config().freeze, at);
  if (held) throw final(failures.gateClosed, held);
}

function brokenPlan({ plan, gates, digest }: SealedPlan): string | null {
  if (sealDigest(plan, gates) !== digest) return 'the plan is not the one that was sealed';
  if (gates.some(({ open }) => !open)) return 'a gate is closed';
  if (isProduction(plan.environment) && plan.rule.required === 0)
    return 'production is never automatic';
  return null;
}

/** As old as gates may be: later the world is another one than the approvers saw. */
const tooOld = ({ notAfter, timing }: Plan, now: number) =>
  now > Date.parse(notAfter) + timing.gateMaxAgeMs ? `the plan ran out at ${notAfter}` : null;

/** After a reset a deploy would run once more; what was approved is one release. */
const endedWords = (outcome: unknown) =>
  `it has ended (${String(outcome)}), and an approval is for one deploy`;

/**
 * At the time when it was first ruled on: an approval that came in time does not age on its way.
 */
async function judgeAgain(
  { config, ledger }: ApprovalDeps,
  sealed: SealedPlan,
  message: unknown,
  earlier: Ruling[],
): Promise<Ruling> {
  const parsed = SignedDecision.safeParse(message);
  if (!parsed.success) throw refused(sealed.plan, 'what should be an approval cannot be read');
  const { decision } = parsed.data;
  const entry = await available(ledger.find(`${sealed.plan.deployId}/ruling/${decision.nonce}`));
  const recorded = entry?.body['ruling'] as Ruling | undefined;
  const { approver, nonce } = decision;
  if (recorded?.verdict !== 'counted')
    throw refused(sealed.plan, `the ledger has no counted ruling on ${approver}'s decision`);
  const judged = judgeDecision({
    sealed,
    decision,
    signature: await signatureOf(parsed.data, config()),
    earlier,
    now: recorded.at,
    people: peopleOf(config()),
  });
  return { ...judged, decision: decision.decision, approver, nonce, at: recorded.at };
}

const refused = (plan: Plan, why: string) =>
  final(
    failures.refused,
    `${plan.project} ${plan.environment} ${plan.sha.slice(0, 7)} is not approved any more: ${why}.\n` +
      'Nothing was touched. Ask again: ' +
      `npx --no plimsoll deploy ${plan.project} ${plan.environment} --ref ${plan.ref}`,
  );
