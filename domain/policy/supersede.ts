import { plimsoll } from '../messages.ts';
import type { Claim, Holder, Phase, Plan, RequestRuling } from '../plan.ts';

const short = (sha: string) => sha.slice(0, 7);

/** Before these have ended nothing has reached production, and the intent to touch it is not recorded. */
const waitingPhases: ReadonlySet<Phase> = new Set(['planning', 'preflight', 'approval']);
export const isWaiting = (phase: Phase) => waitingPhases.has(phase);

export type Succession = {
  verdict: 'replaces' | 'refused';
  why: string;
  /** Refused only because of the commits: --supersede would replace it. */
  mayInsist?: true;
};

/**
 * May a newer, verified request take the slot that an older deploy holds? What has had an effect is never
 * replaced. `why` is a part of a sentence.
 */
export function judgeSuccession(holder: Holder, claim: Claim): Succession {
  const standing = whyNot(holder, claim);
  if (standing !== null) return { verdict: 'refused', why: standing };
  const apart = whyApart(holder, claim);
  return apart === null
    ? { verdict: 'replaces', why: whyTaken(holder, claim) }
    : { verdict: 'refused', why: apart, mayInsist: true };
}

export const whyBegun = (phase: string) =>
  `it is in ${phase}, so production may have changed: such a deploy is never replaced`;

/** Whatever its commit is. */
function whyNot(holder: Holder, claim: Claim): string | null {
  if (holder.phase === 'closed')
    return holder.touched ? 'the deploy before it has ended meanwhile; send it again' : null;
  if (holder.touched || !isWaiting(holder.phase)) return whyBegun(holder.phase);
  if (claim.relation === 'same') return `${short(claim.sha)} is what waits there already`;
  if (claim.priority === 'P0') return null;
  if (holder.priority === 'P0') return 'a P0 waits there, and yours is not one';
  return holder.approved ? 'it is approved, and about to be released' : null;
}

/** The newest commit wins, not the last to ask: CI jobs overtake each other. */
function whyApart({ sha, phase }: Holder, claim: Claim): string | null {
  if (phase === 'closed' || claim.priority === 'P0' || claim.supersede) return null;
  if (claim.relation === 'older') return `${short(sha)}, which waits, contains ${short(claim.sha)}`;
  if (claim.relation === 'newer') return null;
  return `${short(claim.sha)} does not contain ${short(sha)}, which waits`;
}

function whyTaken({ phase }: Holder, { priority, relation }: Claim): string {
  if (phase === 'closed') return 'the deploy before it ended without touching anything';
  if (priority === 'P0') return 'a P0 goes before what has had no effect yet';
  return relation === 'newer' ? 'its commit is newer' : 'its requester said --supersede';
}

/** The reason of the deploy that gave way. */
export const replacedBy = ({ deployId, requestedBy, sha, priority }: Claim) =>
  `replaced by ${deployId} of ${requestedBy} (${priority === 'P0' ? 'P0, ' : ''}${short(sha)}) ` +
  'before it touched anything';

/** Of a request for a slot that is held, on a screen. */
export const requestWords = ({ requestedBy, sha, verdict, why }: RequestRuling) =>
  `${requestedBy}${sha ? ` (${short(sha)})` : ''} for this slot: ${verdict}: ${why}`.slice(0, 300);

/** To the owner of the deploy that gave way. */
export function replacedNote(plan: Plan, claim: Claim): string {
  const { project, environment, requestedBy, sha } = plan;
  const where = `${project} ${environment}`;
  return [
    `${requestedBy}: your deploy of ${where} ${short(sha)} was ${replacedBy(claim)}.`,
    `Why: ${claim.reason}`,
    `Watch the new one: ${plimsoll} watch ${where}`,
    `Ship yours after all, once that has ended: ${plimsoll} deploy ${where} --ref ${sha.slice(0, 12)}`,
  ].join('\n');
}

type Held = { project: string; environment: string; phase: string };
type Refused = { ref: string; priority: Plan['priority']; mayInsist?: boolean };

/** What can be done about a deploy that does not give way, by its phase; ready to be copied. */
export function insteadOf(held: Held, { ref, priority, mayInsist = false }: Refused): string[] {
  const where = `${held.project} ${held.environment}`;
  const yours =
    `${plimsoll} deploy ${where} --ref ${ref}` + (priority === 'P0' ? ' --priority P0' : '');
  const watch = `Watch it:      ${plimsoll} watch ${where}`;
  if (held.phase === 'closed') return [`Send it again: ${yours}`];
  if (isWaiting(held.phase as Phase))
    return [
      watch,
      ...(mayInsist ? [`Replace it:    ${yours} --supersede`] : []),
      `End it:        ${plimsoll} abort ${where}`,
    ];
  return [
    watch,
    `Take it back:  ${plimsoll} rollback ${where}`,
    ...(priority === 'P0' ? [`Then yours:    ${yours}`] : []),
  ];
}
