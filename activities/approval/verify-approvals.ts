import { shellWord } from '../../domain/lib/shell-word.ts';
import type { Activities } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { Plan, Ruling, SealedPlan } from '../../domain/deploy/plan.ts';
import { approvalState } from '../../domain/approval/approval-state.ts';
import { judgeDecision } from '../../domain/approval/approval.ts';
import { isProduction } from '../../domain/approval/rule.ts';
import { freezeAtLast } from '../../domain/gates/freeze-at-last.ts';
import { stopAtLast } from '../../domain/gates/stop.ts';
import { SignedDecision } from '../../domain/config/config.ts';
import { readStop } from './stop.ts';
import { sealDigest } from '../lib/seal-digest.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import { effect } from '../lib/effect.ts';
import { final } from '../lib/fail.ts';
import { available, peopleOf, signatureOf, type ApprovalDeps } from './ruling.ts';

/**
 * Makes the activity that verifies the plan, the signatures and the number of approvals again. The
 * activity uses the current configuration and does not trust the state of the workflow. Throws a
 * final failure of type 'refused' if the plan is not approved any more. Throws a final failure of
 * type 'gateClosed' if a stop or a freeze window blocks the deploy.
 */
export const createVerifyApprovals = (deps: ApprovalDeps): Activities['verifyApprovals'] =>
  effect('verifyApprovals', ({ sealed, signed, built = false }) =>
    withHeartbeat(async () => {
      const { plan } = sealed;
      const now = (deps.now ?? Date.now)();
      const broken = brokenPlan(sealed) ?? (built ? null : tooOld(plan, now));
      if (broken) throw refused(plan, broken);
      const ended = await available(deps.ledger.find(`${plan.deployId}/closed`));
      if (ended) throw refused(plan, endedWords(ended.body['outcome']));
      if (!plan.redeploysPrevious) await lineIsOpen(deps, plan, { now, built });
      await verifySigned(deps, { sealed, signed });
      await recordApproved(deps, { sealed, signed });
    }),
  );

type Signed = { sealed: SealedPlan; signed: readonly unknown[] };

/**
 * Verifies the digest of the plan, the signatures and the number of approvals, with the worker's
 * own configuration. Throws a final failure of type 'refused' if the plan is not approved.
 */
export async function verifySigned(deps: ApprovalDeps, { sealed, signed }: Signed): Promise<void> {
  const { plan } = sealed;
  const broken = brokenPlan(sealed);
  if (broken) throw refused(plan, broken);
  const rulings: Ruling[] = [];
  for (const one of signed) rulings.push(await judgeAgain(deps, sealed, one, rulings));
  const state = approvalState(plan, rulings);
  if (state.kind === 'approved') return;
  const voids = rulings.filter(({ verdict }) => verdict === 'void').map(({ why }) => why);
  throw refused(plan, [...voids, state.why].join('; '));
}

/** Records the approvals, so that every forward effect can verify them again. */
async function recordApproved({ ledger }: ApprovalDeps, body: Signed): Promise<void> {
  const { deployId, project, environment } = body.sealed.plan;
  const key = `${deployId}/approved`;
  await available(ledger.append({ kind: 'approved', key, deployId, project, environment, body }));
}

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
  if (sealDigest(plan, gates) !== digest) return 'the plan was changed after it was sealed';
  if (gates.some(({ open }) => !open)) return 'a gate is closed';
  if (isProduction(plan.environment) && plan.rule.required === 0)
    return 'production always needs an approval';
  return null;
}

/**
 * Returns the reason if the plan is too old, else null. A plan is too old if it expired more than
 * `gateMaxAgeMs` ago, because the facts that the gates checked may have changed.
 */
const tooOld = ({ notAfter, timing }: Plan, now: number) =>
  now > Date.parse(notAfter) + timing.gateMaxAgeMs ? `the plan expired at ${notAfter}` : null;

/**
 * Returns the reason why an ended deploy cannot run again. A reset of the workflow runs the deploy
 * again, but an approval allows one deploy only.
 */
const endedWords = (outcome: unknown) =>
  `the deploy has ended (${String(outcome)}), and an approval allows one deploy only`;

/**
 * Judges a decision again, with the time of the first ruling instead of the current time. So an
 * approval that came in time does not expire while the deploy waits.
 */
export async function judgeAgain(
  { config, ledger }: ApprovalDeps,
  sealed: SealedPlan,
  message: unknown,
  earlier: Ruling[],
  asked?: 'keep',
): Promise<Ruling> {
  const parsed = SignedDecision.safeParse(message);
  if (!parsed.success)
    throw refused(sealed.plan, 'an approval that the deploy received cannot be read');
  const { decision } = parsed.data;
  const entry = await available(ledger.find(`${sealed.plan.deployId}/ruling/${decision.nonce}`));
  const recorded = entry?.body['ruling'] as Ruling | undefined;
  const { approver, nonce } = decision;
  if (recorded?.verdict !== 'counted')
    throw refused(sealed.plan, `the ledger does not say that ${approver}'s decision counts`);
  const judged = judgeDecision({
    sealed,
    decision,
    signature: await signatureOf(parsed.data, config()),
    asked,
    earlier,
    now: recorded.at,
    people: peopleOf(config(), sealed.plan.project),
  });
  return { ...judged, decision: decision.decision, approver, nonce, at: recorded.at };
}

const refused = (plan: Plan, why: string) =>
  final(
    failures.refused,
    `${plan.project} ${plan.environment} ${plan.sha.slice(0, 7)} is not approved any more: ${why}.\n` +
      'Nothing was touched. Ask again: ' +
      `plimsoll deploy ${plan.project} ${plan.environment} --ref ${shellWord(plan.ref)}`,
  );
