import { shellWord } from '../lib/shell-word.ts';
import { plimsoll } from '../deploy/wire.ts';
import type { Claim, Phase, Plan, RequestRuling } from '../deploy/plan.ts';
import { isWaiting } from '../queue/supersede.ts';
import { short } from './parts/served.ts';

/** Returns the reason why the replaced deploy ended. */
export const replacedBy = ({ deployId, requestedBy, sha, priority }: Claim) =>
  `replaced by ${deployId} of ${requestedBy} (${priority === 'P0' ? 'P0, ' : ''}${short(sha)}), ` +
  'and production was not touched';

/** Returns the line on a screen about a request that came while another deploy held the lock. */
export const requestWords = ({ requestedBy, sha, verdict, why }: RequestRuling) =>
  `${requestedBy}${sha ? ` (${short(sha)})` : ''} for this place: ${verdict}: ${why}`.slice(0, 300);

/** Returns the note to the owner of the replaced deploy. */
export function replacedNote(plan: Plan, claim: Claim): string {
  const { project, environment, requestedBy, sha } = plan;
  const where = `${project} ${environment}`;
  return [
    `${requestedBy}: your deploy of ${where} ${short(sha)} was ${replacedBy(claim)}.`,
    `Why: ${claim.reason}`,
    `Watch the new deploy: ${plimsoll} watch ${where}`,
    `To deploy your commit when the new deploy has ended: ${plimsoll} deploy ${where} --ref ` +
      `${sha.slice(0, 12)}`,
  ].join('\n');
}

type Held = { project: string; environment: string; phase: string };
type Refused = { ref: string; priority: Plan['priority']; maySupersede?: boolean };

/**
 * Returns the commands for a requester whose deploy was refused. `held` is the deploy that holds
 * the lock.
 */
export function insteadOf(held: Held, { ref, priority, maySupersede = false }: Refused): string[] {
  const where = `${held.project} ${held.environment}`;
  const yours =
    `${plimsoll} deploy ${where} --ref ${shellWord(ref)}` +
    (priority === 'P0' ? ' --priority P0' : '');
  const watch = `Watch it:      ${plimsoll} watch ${where}`;
  if (held.phase === 'closed') return [`Send it again: ${yours}`];
  if (isWaiting(held.phase as Phase))
    return [
      watch,
      ...(maySupersede ? [`Replace it:    ${yours} --supersede`] : []),
      `End it:        ${plimsoll} abort ${where}`,
    ];
  return [
    watch,
    `Roll it back:  ${plimsoll} rollback ${where}`,
    ...(priority === 'P0' ? [`Then deploy:   ${yours}`] : []),
  ];
}

// The texts below are reasons to refuse a request while another deploy holds the lock.

export const tooManyRequests = (most: number) => `${most} requests were answered already`;
export const notVerified = (why: string) => `the request could not be verified: ${why}`;
