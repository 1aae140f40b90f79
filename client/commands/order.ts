import { messages, plimsoll } from '../../domain/messages.ts';
import { crossingWords } from '../../domain/policy/forward-only.ts';
import { clean } from '../clean.ts';
import { withSession } from '../connect.ts';
import type { Session } from '../connect.ts';
import { phaseOf } from '../decision.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { handleOf, readDeploy, reportOf } from '../read-deploy.ts';
import type { Place, Seen } from '../read-deploy.ts';

export type Order = 'retry' | 'rollback' | 'abort';

/** Backward is free: these signals need no argument and no signature. */
export const order = (io: Io, verb: Order, place: Place): Promise<number> =>
  withSession(io, async (session) => {
    const seen = await readDeploy(session, place);
    if (!seen.running) throw await closedAlready(session, verb, seen);
    if (verb === 'rollback' && phaseOf(seen) === 'frozen') throw mustBeSigned(seen);
    const handle = handleOf(session, place, seen.runId);
    await session.within(() => handle.signal(messages[verb]));
    const { project, environment } = place;
    const follows = `Follow it:  ${plimsoll} watch ${project} ${environment}`;
    io.data({ sent: verb, deploy: handle.workflowId, runId: seen.runId }, whatFollows(verb, seen));
    io.say(follows);
    return exitCodes.ok;
  });

const untouchedPhases = ['planning', 'preflight', 'approval'];

/** What the signal will do, from where the deploy stands; a worker that is away does it later. */
export function whatFollows(verb: Order, { status, phase, place, sealed }: Seen): string {
  const where = `${place.project} ${place.environment}`;
  const at = phaseOf({ status, phase });
  const later = status ? '' : ' No worker answers now: it happens when one is back.';
  if (verb === 'retry') {
    const stuck = status?.stuck?.step;
    return stuck
      ? `${where}: "${stuck}" is tried again.${later}`
      : `${where}: retry was sent; nothing is seen to be stuck in ${at}.${later}`;
  }
  if (untouchedPhases.includes(at))
    return `${where}: closes as aborted in ${at}; production was not touched.${later}`;
  if (at === 'restore') return `${where}: is being taken back already.${later}`;
  if (at === 'frozen') return `${where}: closes as frozen; what is served stays as it is.${later}`;
  if (sealed?.plan.forwardOnly !== undefined)
    return (
      `${where}: stops; going back crosses ${crossingWords(clean(sealed.plan))}, so an approver signs it: ` +
      `${plimsoll} reject ${where}${later}`
    );
  const to = sealed?.plan.restoreTo?.sha.slice(0, 7);
  return to
    ? `${where}: is taken back to ${to} and proven on every host.${later}`
    : `${where}: ${verb} was sent in ${at}.${later}`;
}

const mustBeSigned = ({ place: { project, environment } }: Seen) =>
  new UserError(
    `${project} ${environment} waits for a signature: it brought schema migrations that the release before ` +
      'may not stand. Nothing was sent.\n' +
      `Go back all the same, as an approver:  ${plimsoll} reject ${project} ${environment}`,
    exitCodes.notAllowed,
  );

export async function closedAlready(session: Session, verb: string, seen: Seen) {
  const { project, environment } = seen.place;
  const outcome = await reportOf(session, seen).then(
    (report) => report.outcome,
    () => seen.state.toLowerCase(),
  );
  return new UserError(
    `The deploy of ${project} ${environment} is closed (${outcome}, ${seen.closedAt}): ` +
      `${verb} changes nothing any more.\n` +
      `What happened: ${plimsoll} status ${project} ${environment}\n` +
      `Ship another commit: ${plimsoll} deploy ${project} ${environment} --ref COMMIT`,
    exitCodes.notAllowed,
  );
}
