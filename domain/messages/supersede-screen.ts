import { phaseOf } from '../deploy/snapshot.ts';
import type { DeploySnapshot } from '../deploy/snapshot.ts';
import { plimsoll } from '../deploy/wire.ts';
import type { RequestRuling } from '../deploy/plan.ts';
import type { DeployRequest } from '../config/config.ts';
import { clean } from './parts/clean.ts';
import { short, since } from './parts/format.ts';
import { insteadOf } from './supersede.ts';

/** Returns the owner of a deploy with its commit, such as "casey (bbbbbbb: the fix)". */
function whose(snapshot: DeploySnapshot): string {
  const { sealed, requester } = clean(snapshot);
  const who = sealed?.plan.requestedBy ?? requester ?? 'an unknown requester';
  return sealed ? `${who} (${short(sealed.plan.sha)}: ${sealed.plan.reason})` : who;
}

export const replacedText = (snapshot: DeploySnapshot) =>
  `Your deploy replaces the deploy by ${whose(snapshot)}, which changed nothing. The owner of ` +
  'that deploy is notified.';

/**
 * Returns the text that a CI job prints if its commit already waits. The job then follows the
 * waiting deploy.
 */
export const joinedText = (snapshot: DeploySnapshot) =>
  `This commit already waits, in the deploy by ${whose(snapshot)}. No second deploy is started, ` +
  'and this command follows that deploy.';

type Refusal = Pick<RequestRuling, 'why' | 'maySupersede'>;

/**
 * Returns the text that names the holder of the lock, the reason for the refusal and the possible
 * commands.
 */
export function refusedText(
  snapshot: DeploySnapshot,
  request: DeployRequest,
  { why, maySupersede, now }: Refusal & { now: Date },
): string {
  const { place, startedAt } = snapshot;
  const held = { ...place, phase: phaseOf(snapshot) };
  return (
    `${place.project} ${place.environment} is already being deployed, by ${whose(snapshot)}, ` +
    `since ${since(startedAt, now)} (${startedAt}).\n` +
    `Your deploy was not started: ${clean(why)}.\n` +
    insteadOf(held, { ...request, ...(maySupersede ? { maySupersede } : {}) }).join('\n')
  );
}

/**
 * Returns the text that is printed if the open deploy has not yet accepted or refused the request.
 */
export const unansweredText = ({ place: { project, environment } }: DeploySnapshot) =>
  `Temporal has stored your request. The open deploy of ${project} ${environment} has not ` +
  'answered yet. That deploy will accept or refuse your request.\n' +
  `See the answer:  ${plimsoll} status ${project} ${environment}`;
