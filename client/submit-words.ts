import { insteadOf } from '../domain/policy/supersede.ts';
import type { RequestRuling } from '../domain/plan.ts';
import { plimsoll } from '../domain/messages.ts';
import type { DeployRequest } from '../domain/schema.ts';
import { clean } from './clean.ts';
import { UserError } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import type { Seen } from './read-deploy.ts';
import { short, since } from './words.ts';

/** "by casey (bbbbbbb: the fix)" */
function whose(seen: Seen): string {
  const { sealed, requester } = clean(seen);
  const who = sealed?.plan.requestedBy ?? requester ?? 'somebody';
  return sealed ? `${who} (${short(sealed.plan.sha)}: ${sealed.plan.reason})` : who;
}

export const replacedText = (seen: Seen) =>
  `It takes the place of the deploy by ${whose(seen)}, which touched nothing; its owner is told.`;

type Refusal = Pick<RequestRuling, 'why' | 'mayInsist'>;

/** UserError, exit 4: who holds the slot, since when, why it is not given up, and what can be done. */
export function refusedText(seen: Seen, request: DeployRequest, { why, mayInsist }: Refusal) {
  const { place, startedAt } = seen;
  const held = { ...place, phase: phaseOf(seen) };
  return new UserError(
    `${place.project} ${place.environment} is being deployed already, by ${whose(seen)}, ` +
      `since ${since(startedAt, new Date())} (${startedAt}).\n` +
      `Yours was not started: ${clean(why)}.\n` +
      insteadOf(held, { ...request, ...(mayInsist ? { mayInsist } : {}) }).join('\n'),
    exitCodes.notAllowed,
  );
}

const phaseOf = ({ status, phase }: Seen) => status?.phase ?? phase ?? 'planning';

/** UserError, exit 8: it is in the deploy's own history, and will be answered there. */
export const unansweredText = ({ place: { project, environment } }: Seen) =>
  new UserError(
    `Sent and kept by Temporal; the deploy of ${project} ${environment} that is open has not answered yet. ` +
      'It will, and replace itself or refuse yours.\n' +
      `See which:  ${plimsoll} status ${project} ${environment}`,
    exitCodes.running,
  );
