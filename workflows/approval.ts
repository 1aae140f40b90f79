import { plimsoll } from '../domain/messages.ts';
import type { Plan, SealedPlan } from '../domain/plan.ts';
import type { SignedDecision } from '../domain/schema.ts';
import { Closed } from './closed.ts';
import { collectDecisions, mostDecisions } from './decisions.ts';
import { gatesStillOpen } from './preflight.ts';
import type { Rollout } from './rollout.ts';

/** Wait for signed decisions; remind at 30 min, close as expired at 2 h. Returns the decisions that count. */
export async function awaitApproval(
  rollout: Rollout,
  sealed: SealedPlan,
): Promise<SignedDecision[]> {
  const { plan } = sealed;
  if (plan.rule.required === 0) return [];
  rollout.enter('approval');
  rollout.notes.parent(rollout.status);
  rollout.notes.askApprovers(sealed);
  const { state, counted, flooded } = await asked(rollout, sealed);
  if (state.kind === 'rejected') throw new Closed('rejected', [state.why]);
  if (flooded) throw new Closed('expired', [floodWords(plan, state.why)]);
  if (state.kind === 'waiting')
    throw new Closed('expired', [`${state.why} until ${plan.notAfter}`]);
  rollout.slot.approved = true;
  await gatesStillOpen(rollout, plan);
  return counted;
}

/** Whoever may signal the workflow can end the question, and nothing more. */
const floodWords = ({ project, environment, ref }: Plan, why: string) =>
  `${mostDecisions} decisions arrived and too few of them count (${why}): somebody floods this question, so it closed. ` +
  `See what was sent: ${plimsoll} history ${project} ${environment}; once that has stopped, ask again: ` +
  `${plimsoll} deploy ${project} ${environment} --ref ${ref}`;

/** However the question ends, also by an order to go back: nothing to press stays below it. */
async function asked(rollout: Rollout, sealed: SealedPlan) {
  const { notes, status } = rollout;
  let end = 'the deploy ended before anybody had decided';
  try {
    const answer = await collectDecisions(rollout, sealed, {
      deadline: () => Date.parse(sealed.plan.notAfter),
      remind: () => notes.remindApprovers(sealed, status),
      heard: ({ kind, why }) => {
        if (kind === 'waiting') notes.answered(sealed, status, { open: true, why });
      },
    });
    const { kind, why } = answer.state;
    const silent = answer.flooded
      ? 'too many answers that do not count'
      : 'nobody answered in time';
    end = kind === 'waiting' ? `${silent}; ${why}` : why;
    return answer;
  } finally {
    notes.answered(sealed, status, { open: false, why: end });
  }
}
