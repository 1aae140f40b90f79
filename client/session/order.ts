import { plimsoll } from '../../domain/deploy/wire.ts';
import { alreadyEnded } from '../../domain/messages/late-rollback.ts';
import { watchIt } from '../../domain/messages/follow.ts';
import { cancelledInstead, whatFollows } from '../../domain/messages/order.ts';
import type { Order } from '../../domain/messages/order.ts';
import { withSession } from './connect.ts';
import type { Session } from './connect.ts';
import { phaseOf } from '../../domain/deploy/snapshot.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { refuseIfFailing } from './failing.ts';
import { unattended } from './lock-holder.ts';
import type { Io } from '../io.ts';
import { readDeploy, reportOf, workflowIdOf } from './read-deploy.ts';
import type { Place, DeploySnapshot } from './read-deploy.ts';
import type { IdentityOptions } from '../sign/identity.ts';

export type OrderOptions = Place & IdentityOptions;

/**
 * Sends one of the signals rollback, abort and retry to the open deploy. These signals take no
 * argument. They need a signature only at the door.
 */
export const order = (io: Io, verb: Order, options: OrderOptions): Promise<number> =>
  withSession(io, options, async (session) => {
    const { project, environment } = options;
    return await orderTo(io, session, verb, await readDeploy(session, { project, environment }));
  });

/** Sends the signal to the deploy of this snapshot. */
export async function orderTo(
  io: Io,
  session: Session,
  verb: Order,
  snapshot: DeploySnapshot,
): Promise<number> {
  const { place, runId } = snapshot;
  if (!snapshot.running) throw await closedAlready(session, verb, snapshot);
  refuseIfFailing(verb, snapshot);
  if (verb === 'rollback' && phaseOf(snapshot) === 'awaiting-rollback-approval')
    throw mustBeSigned(snapshot);
  const sent = await session.order(snapshot, { order: verb });
  const deploy = workflowIdOf(place);
  if (sent === 'closed') {
    const { outcome } = await outcomeOf(session, await readDeploy(session, place, runId));
    io.data({ sent: null, deploy, runId, outcome }, alreadyEnded(place, outcome));
    return exitCodes.ok;
  }
  const instead = sent === 'cancelled' ? `${cancelledInstead(verb, snapshot)}\n` : '';
  io.data(
    { sent: sent === 'cancelled' ? 'cancel' : verb, deploy, runId },
    `${instead}${whatFollows(verb, snapshot)}`,
  );
  io.say((await unattended(session, snapshot)) ?? watchIt(place));
  return exitCodes.ok;
}

const mustBeSigned = ({ place: { project, environment } }: DeploySnapshot) =>
  new UserError(
    `The rollback of ${project} ${environment} needs a signature, because the previous release may not work ` +
      'with the schema migrations of the new release. Nothing was sent.\n' +
      `Roll back anyway, as an approver:  ${plimsoll} reject ${project} ${environment}`,
    exitCodes.notAllowed,
  );

export async function closedAlready(session: Session, verb: string, snapshot: DeploySnapshot) {
  const { project, environment } = snapshot.place;
  const { outcome } = await outcomeOf(session, snapshot);
  return new UserError(
    `The deploy of ${project} ${environment} is closed (${outcome}, ${snapshot.closedAt}): ` +
      `${verb} changes nothing any more.\n` +
      `What happened: ${plimsoll} status ${project} ${environment}\n` +
      `Deploy another commit: ${plimsoll} deploy ${project} ${environment} --ref COMMIT`,
    exitCodes.notAllowed,
  );
}

/** Returns the outcome of a closed deploy, or the state of its workflow if there is no report. */
const outcomeOf = (session: Session, snapshot: DeploySnapshot): Promise<{ outcome: string }> =>
  reportOf(session, snapshot).catch(() => ({ outcome: snapshot.state.toLowerCase() }));
