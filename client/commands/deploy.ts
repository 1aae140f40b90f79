import { shellWord } from '../../domain/lib/shell-word.ts';
import { deployId, plimsoll } from '../../domain/deploy/wire.ts';
import { withSession } from '../session/connect.ts';
import type { Session } from '../session/connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { follow } from '../session/follow.ts';
import type { Io } from '../io.ts';
import { checkKnown, checkPolled, findWorker, withRef } from '../session/registry.ts';
import type { WithoutRef } from '../session/registry.ts';
import { signRequest } from '../sign/request.ts';
import type { RequestOptions } from '../sign/request.ts';
import { runPlan } from '../session/run-task.ts';
import { submit } from '../session/submit.ts';
import { short } from '../../domain/messages/parts/format.ts';
import { joinedText, replacedText } from '../../domain/messages/supersede-screen.ts';
import { requested } from '../options.ts';
import type { Listing, Verb } from '../run.ts';
import { Option } from 'commander';

export const listing: Listing = {
  group: 'Deploy',
  order: 2,
  summary: 'start a deploy and follow it until it closes; Ctrl-C does not stop the deploy',
};

export const verb: Verb = (command, execute) =>
  requested(command)
    .option('--expect-head <sha>', 'deploy only if the ref points to this commit; exit 6 if not')
    .option('--detach', 'start the deploy and return at once')
    .addOption(
      new Option(
        '--wait <until>',
        'return at the end, or when the gates are judged (exit 0 if open, 7 if closed)',
      )
        .choices(['end', 'gates'])
        .default('end'),
    )
    .option(
      '--supersede',
      'replace the waiting deploy, even if your commit does not contain the commit of that deploy',
    )
    .action((project, environment, options) =>
      execute((io) => deploy(io, { project, environment, ...options })),
    );

type Extra = {
  detach?: boolean;
  wait?: 'end' | 'gates';
  expectHead?: string;
};

export type DeployOptions = WithoutRef<RequestOptions> & Extra;

export const deploy = (io: Io, options: DeployOptions): Promise<number> =>
  withSession(io, options, async (session) => {
    const { project, environment, detach, wait = 'end' } = options;
    const worker = await findWorker(io, session);
    checkKnown(worker, options);
    const asked = withRef(worker, options);
    await checkPolled(session, worker.taskQueue);
    const ref = await expectedHead(io, session, worker.taskQueue, asked);
    const signed = await signRequest(io, { ...asked, ref });
    const join = wait === 'gates' && !detach;
    const started = await submit(session, worker.taskQueue, signed, { join });
    if (started.replaced) io.say(replacedText(started.replaced));
    if (started.joined) io.say(joinedText(started.joined));
    const place = { project, environment };
    const { runId } = started;
    if (!detach) return await follow(io, session, place, { runId, wait });
    const workflowId = deployId(project, environment);
    io.data({ deploy: workflowId, runId }, `Started ${workflowId}, run ${runId}.`);
    io.say(`Watch it:  ${plimsoll} watch ${project} ${environment}`);
    return exitCodes.ok;
  });

/**
 * Returns the ref to deploy. With --expect-head, returns the commit of the ref instead, so that the
 * deployed commit cannot change if the ref moves. Throws a UserError (exit 6) if the ref does not
 * point to the expected commit.
 */
async function expectedHead(
  io: Io,
  session: Session,
  taskQueue: string,
  options: RequestOptions & Extra,
): Promise<string> {
  const { expectHead, ref, project, environment } = options;
  if (expectHead === undefined) return ref;
  if (!/^[0-9a-f]{7,40}$/.test(expectHead))
    throw new UserError(
      `--expect-head needs 7 to 40 digits of a commit, not ${JSON.stringify(expectHead)}.\n` +
        'To see your commit: git rev-parse HEAD',
      exitCodes.usage,
    );
  const { plan } = await runPlan(session, taskQueue, await signRequest(io, options));
  if (plan.sha.startsWith(expectHead)) return plan.sha;
  throw new UserError(
    `${ref} is ${short(plan.sha)} now, not ${short(expectHead)}. Nothing was started.\n` +
      `See what would be deployed: ${plimsoll} plan ${project} ${environment} --ref ${shellWord(ref)}`,
    exitCodes.targetChanged,
  );
}
