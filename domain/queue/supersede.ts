import type { Claim, Holder, Phase } from '../deploy/plan.ts';

const short = (sha: string) => sha.slice(0, 7);

/** In these phases, the deploy has had no effect on production and has declared none. */
const waitingPhases: ReadonlySet<Phase> = new Set(['planning', 'preflight', 'approval']);
export const isWaiting = (phase: Phase) => waitingPhases.has(phase);

export type Succession = {
  verdict: 'replaces' | 'refused';
  why: string;
  /**
   * true: the request was refused only because the requested commit does not contain the waiting
   * commit. With --supersede, the request would replace the open deploy.
   */
  maySupersede?: true;
  /** true: the request was refused only because the waiting deploy already does the same. */
  alreadyWaits?: true;
};

/**
 * Decides whether a verified request takes the lock that an older deploy holds. A deploy that had
 * an effect is never replaced. `why` is a part of a sentence.
 */
export function judgeSuccession(holder: Holder, claim: Claim): Succession {
  const standing = whyNot(holder, claim);
  if (standing !== null) {
    const same = isUntouched(holder) && claim.relation === 'same';
    const alreadyWaits = same && claim.priority === holder.priority;
    return { verdict: 'refused', why: standing, ...(alreadyWaits ? { alreadyWaits } : {}) };
  }
  const apart = whyApart(holder, claim);
  return apart === null
    ? { verdict: 'replaces', why: whyTaken(holder, claim) }
    : { verdict: 'refused', why: apart, maySupersede: true };
}

const isUntouched = ({ touched, phase }: Holder) => !touched && isWaiting(phase);

export const whyBegun = (phase: string) =>
  `the open deploy is in ${phase} and may have changed production, so it is not replaced`;

/**
 * Returns the reason why the request is refused, even with --supersede; null = there is no such
 * reason.
 */
function whyNot(holder: Holder, claim: Claim): string | null {
  if (holder.phase === 'closed')
    return holder.touched
      ? 'the previous deploy has ended meanwhile, so send the request again'
      : null;
  if (!isUntouched(holder)) return whyBegun(holder.phase);
  if (claim.relation === 'same') return `a deploy of ${short(claim.sha)} already waits`;
  if (claim.priority === 'P0') return null;
  if (holder.priority === 'P0') return 'a P0 deploy waits, and this request is not P0';
  return holder.approved ? 'the waiting deploy is approved and about to be released' : null;
}

/**
 * Returns the reason why the commits forbid the replacement; null = the commits allow the
 * replacement. The newer commit wins, even if its request is older, because requests of CI jobs may
 * arrive in any order.
 */
function whyApart({ sha, phase }: Holder, claim: Claim): string | null {
  if (phase === 'closed' || claim.priority === 'P0' || claim.supersede) return null;
  if (claim.relation === 'older')
    return `the waiting commit ${short(sha)} contains ${short(claim.sha)}`;
  if (claim.relation === 'newer') return null;
  return `${short(claim.sha)} does not contain the waiting commit ${short(sha)}`;
}

function whyTaken({ phase }: Holder, { priority, relation }: Claim): string {
  if (phase === 'closed') return 'the previous deploy ended without touching anything';
  if (priority === 'P0') return 'a P0 deploy replaces a deploy that has had no effect yet';
  return relation === 'newer' ? 'the requested commit is newer' : 'the requester used --supersede';
}
