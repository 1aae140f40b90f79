import { deployId, plimsoll } from '../../domain/messages.ts';
import { withSession } from '../connect.ts';
import type { Session } from '../connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { follow } from '../follow.ts';
import type { Io } from '../io.ts';
import { checkKnown, checkPolled, findWorker } from '../registry.ts';
import { signRequest } from '../request.ts';
import type { RequestOptions } from '../request.ts';
import { runPlan } from '../run-plan.ts';
import { submit } from '../submit.ts';
import { replacedText } from '../submit-words.ts';
import { short } from '../words.ts';

export type DeployOptions = RequestOptions & {
  detach?: boolean;
  wait?: 'end' | 'gates';
  expectHead?: string;
};

export const deploy = (io: Io, options: DeployOptions): Promise<number> =>
  withSession(io, async (session) => {
    const { project, environment, detach, wait = 'end' } = options;
    const worker = await findWorker(io, session);
    checkKnown(worker, options);
    await checkPolled(session, worker.taskQueue);
    const ref = await expectedHead(io, session, worker.taskQueue, options);
    const signed = await signRequest(io, { ...options, ref });
    const started = await submit(session, worker.taskQueue, signed);
    if (started.replaced) io.say(replacedText(started.replaced));
    const place = { project, environment };
    const { runId } = started;
    if (!detach) return await follow(io, session, place, { runId, wait });
    const workflowId = deployId(project, environment);
    io.data({ deploy: workflowId, runId }, `Started ${workflowId}, run ${runId}.`);
    io.say(`Watch it:  ${plimsoll} watch ${project} ${environment}`);
    return exitCodes.ok;
  });

/** With --expect-head the ref is resolved first and then deployed by its commit: nothing can slip in between. */
async function expectedHead(
  io: Io,
  session: Session,
  taskQueue: string,
  options: DeployOptions,
): Promise<string> {
  const { expectHead, ref, project, environment } = options;
  if (expectHead === undefined) return ref;
  if (!/^[0-9a-f]{7,40}$/.test(expectHead))
    throw new UserError(
      `--expect-head wants 7 to 40 digits of a commit, not ${JSON.stringify(expectHead)}.\n` +
        'The commit you mean: git rev-parse HEAD',
      exitCodes.usage,
    );
  const { plan } = await runPlan(session, taskQueue, await signRequest(io, options));
  if (plan.sha.startsWith(expectHead)) return plan.sha;
  throw new UserError(
    `${ref} is ${short(plan.sha)} now, not ${short(expectHead)}. Nothing was started.\n` +
      `See what would ship: ${plimsoll} plan ${project} ${environment} --ref ${ref}`,
    exitCodes.targetChanged,
  );
}
