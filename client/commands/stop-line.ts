import { randomUUID } from 'node:crypto';
import { stopDigest } from '../../activities/lib/seal-digest.ts';
import type { Entry, StopInput } from '../../domain/activities.ts';
import { messages, plimsoll } from '../../domain/messages.ts';
import type { Ruling } from '../../domain/plan.ts';
import { liftCommand, standingStop, stopKinds } from '../../domain/policy/stop.ts';
import { withSession } from '../connect.ts';
import type { Session } from '../connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { IdentityOptions } from '../identity.ts';
import type { Io } from '../io.ts';
import { checkPolled, findWorker } from '../registry.ts';
import { runReadOnly } from '../run-plan.ts';
import { signAlone, whyCounted } from '../sign-alone.ts';

export type StopLineOptions = IdentityOptions & { reason: string; lift?: true };

/** Exit 0 stopped or lifted, 4 refused, 2 nothing is stopped. */
export const stopLine = (io: Io, options: StopLineOptions): Promise<number> =>
  withSession(io, async (session) => {
    const { reason, lift } = options;
    checkWords(options);
    const { taskQueue } = await findWorker(io, session);
    await checkPolled(session, taskQueue);
    const stop = lift ? await findStop(session, taskQueue) : '';
    const signed = await sign(io, options, stop);
    const ruling = await runReadOnly<Ruling>(session, {
      ...{ type: messages.stopLine, taskQueue },
      workflowId: `stop-line/${signed.decision.nonce}`,
      input: { signed, reason, ...(lift ? { lift } : {}) } satisfies StopInput,
      summary: lift ? 'lift the stop of the line' : 'stop the line',
    });
    return lift ? toldLifted(io, ruling) : toldStopped(io, ruling);
  });

function checkWords({ reason, lift }: StopLineOptions) {
  if (reason.trim() !== '' && reason.length <= 300) return;
  const [what, command] = lift
    ? ['The lift of a stop', liftCommand]
    : ['A stop', `${plimsoll} stop-line "what is wrong"`];
  throw new UserError(
    `${what} needs a reason of 1 to 300 characters. Nothing was signed.\n${command}`,
    exitCodes.usage,
  );
}

/** The key of the one that stands: the lift names it. */
async function findStop(session: Session, taskQueue: string): Promise<string> {
  const entries = await runReadOnly<Entry[]>(session, {
    ...{ type: messages.history, taskQueue, workflowId: `history/${randomUUID()}` },
    input: { kinds: [...stopKinds], limit: 100 },
    summary: 'the stop of the line, read only',
  });
  const stop = standingStop(entries);
  if (stop) return stop.key;
  throw new UserError(
    'The line is not stopped: deploys ship. Nothing was signed.\n' +
      `What was recorded: ${plimsoll} history`,
    exitCodes.usage,
  );
}

/** It is about every project and every commit. */
const everywhere = { project: 'all', environment: 'all', sha: '0'.repeat(40) };

function sign(io: Io, options: StopLineOptions, stop: string) {
  const subject = options.lift ? 'resume' : 'stop';
  const subjectDigest = stopDigest({ subject, stop, reason: options.reason });
  return signAlone(io, options, { ...everywhere, subject, subjectDigest, deployId: stop });
}

function toldStopped(io: Io, ruling: Ruling): number {
  const why = whyCounted(ruling, {
    goesOn: 'nothing is stopped by it',
    who: 'Who may stop the line: the approvers and requesters',
  });
  const goes = 'what has reached production ends as usual, and going back is free';
  io.data({ ruling }, `Stopped: ${why}. Nothing new ships, in no project; ${goes}.`);
  io.say(`An approver lifts it: ${liftCommand}`);
  return exitCodes.ok;
}

function toldLifted(io: Io, ruling: Ruling): number {
  const why = whyCounted(ruling, {
    goesOn: 'the stop stands',
    who: 'Who may lift it: the approvers',
  });
  io.data({ ruling }, `Lifted: ${why}. Deploys ship again, each by its own gates and approvals.`);
  io.say(`What it closed is asked for anew: ${plimsoll} deploy PROJECT ENVIRONMENT --ref COMMIT`);
  return exitCodes.ok;
}
