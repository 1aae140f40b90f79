import { stopDigest } from '../../activities/lib/seal-digest.ts';
import type { Entry } from '../../domain/contract/activities.ts';
import { plimsoll } from '../../domain/deploy/wire.ts';
import type { Ruling } from '../../domain/deploy/plan.ts';
import { standingStop, stopKinds } from '../../domain/gates/stop.ts';
import { liftCommand } from '../../domain/messages/parts/stop.ts';
import { withSession } from '../session/connect.ts';
import type { Session } from '../session/connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { IdentityOptions } from '../sign/identity.ts';
import type { Io } from '../io.ts';
import { checkPolled, findWorker } from '../session/registry.ts';
import { runTask } from '../session/run-task.ts';
import { signStandalone, whyCounted } from '../sign/sign-standalone.ts';
import { signed } from '../options.ts';
import type { Listing, Verb } from '../run.ts';

export const listing: Listing = {
  group: 'Stop and roll back',
  order: 5,
  summary: 'sign that no new deploy starts until the stop is lifted; a rollback is always allowed',
};

export const verb: Verb = (command, execute) =>
  signed(command)
    .argument(
      '<reason>',
      'why deploys must stop, or with --lift why they may start; stopped deploys show this text',
    )
    .option('--lift', 'sign that deploys may start again; only approvers may sign this')
    .action((reason, options) => execute((io) => stopLine(io, { reason, ...options })));

export type StopLineOptions = IdentityOptions & { reason: string; lift?: true };

/**
 * Signs that no new deploy starts. With --lift, signs that deploys may start again. Exit 0: done.
 * Exit 4: refused. Exit 2: there is no stop to lift.
 */
export const stopLine = (io: Io, options: StopLineOptions): Promise<number> =>
  withSession(io, options, async (session) => {
    const { reason, lift } = options;
    checkWords(options);
    const { taskQueue } = await findWorker(io, session);
    await checkPolled(session, taskQueue);
    const stop = lift ? await findStop(session, taskQueue) : '';
    const signed = await sign(io, options, stop);
    const input = { signed, reason, ...(lift ? { lift } : {}) };
    const ruling = await runTask<Ruling>(session, taskQueue, { task: 'stopLine', input });
    return lift ? lineResumed(io, ruling) : lineStopped(io, ruling);
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

/**
 * Returns the ledger key of the current stop. The decision to lift the stop must name this key.
 * Throws a UserError (exit 2) if there is no stop.
 */
async function findStop(session: Session, taskQueue: string): Promise<string> {
  const entries = await runTask<Entry[]>(session, taskQueue, {
    task: 'history',
    input: { kinds: [...stopKinds], limit: 100 },
  });
  const stop = standingStop(entries);
  if (stop) return stop.key;
  throw new UserError(
    'The line is not stopped: deploys may start. Nothing was signed.\n' +
      `See what was recorded: ${plimsoll} history`,
    exitCodes.usage,
  );
}

/** A stop covers every project and every commit. */
const everywhere = { project: 'all', environment: 'all', sha: '0'.repeat(40) };

function sign(io: Io, options: StopLineOptions, stop: string) {
  const subject = options.lift ? 'resume' : 'stop';
  const subjectDigest = stopDigest({ subject, stop, reason: options.reason });
  return signStandalone(io, options, { ...everywhere, subject, subjectDigest, deployId: stop });
}

function lineStopped(io: Io, ruling: Ruling): number {
  const why = whyCounted(ruling, {
    goesOn: 'the line is not stopped',
    who: 'Only these people may stop the line: the approvers and requesters',
  });
  const goes = 'A deploy that has reached production continues, and a rollback is always allowed';
  io.data({ ruling }, `Stopped: ${why}. No new deploy starts in any project. ${goes}.`);
  io.say(`An approver can lift the stop: ${liftCommand}`);
  return exitCodes.ok;
}

function lineResumed(io: Io, ruling: Ruling): number {
  const why = whyCounted(ruling, {
    goesOn: 'the line stays stopped',
    who: 'Only these people may lift the stop: the approvers',
  });
  io.data(
    { ruling },
    `Lifted: ${why}. Deploys may start again, each with its own gates and approvals.`,
  );
  io.say(`Request the stopped deploys again: ${plimsoll} deploy PROJECT ENVIRONMENT --ref COMMIT`);
  return exitCodes.ok;
}
