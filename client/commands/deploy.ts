import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { deployId, messages, plimsoll, searchAttributes } from '../../domain/messages.ts';
import type { SignedRequest } from '../../domain/schema.ts';
import { withSession } from '../connect.ts';
import type { Session } from '../connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { follow } from '../follow.ts';
import type { Io } from '../io.ts';
import { readDeploy } from '../read-deploy.ts';
import { checkKnown, checkPolled, findWorker } from '../registry.ts';
import { signRequest } from '../request.ts';
import type { RequestOptions } from '../request.ts';
import { runPlan } from '../run-plan.ts';
import { short, since } from '../words.ts';

export type DeployOptions = RequestOptions & { detach?: boolean; expectHead?: string };

export const deploy = (io: Io, options: DeployOptions): Promise<number> =>
  withSession(io, async (session) => {
    const worker = await findWorker(io, session);
    checkKnown(worker, options);
    await checkPolled(session, worker.taskQueue);
    const ref = await expectedHead(io, session, worker.taskQueue, options);
    const signed = await signRequest(io, { ...options, ref });
    const handle = await start(session, worker.taskQueue, signed);
    const { project, environment } = options;
    const runId = handle.firstExecutionRunId;
    if (!options.detach) return await follow(io, session, { project, environment }, runId);
    const started = { deploy: handle.workflowId, runId };
    io.data(started, `Started ${handle.workflowId}, run ${runId}.`);
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

type Handle = WorkflowHandleWithFirstExecutionRunId;

async function start(session: Session, taskQueue: string, signed: SignedRequest): Promise<Handle> {
  const { project, environment, requestedBy } = signed.request;
  const keyword = (name: string, value: string) =>
    ({ key: { name, type: 'KEYWORD' }, value }) as const;
  const starting = () =>
    session.client.workflow.start(messages.deploy, {
      taskQueue,
      workflowId: deployId(project, environment),
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      args: [signed],
      staticSummary: summary(signed),
      staticDetails: details(signed),
      typedSearchAttributes: [
        keyword(searchAttributes.project, project),
        keyword(searchAttributes.environment, environment),
        keyword(searchAttributes.requester, requestedBy),
        keyword(searchAttributes.phase, 'planning'),
      ],
    });
  try {
    return await session.within(starting);
  } catch (cause) {
    if ((cause as Error).name !== 'WorkflowExecutionAlreadyStartedError') throw cause;
    throw await alreadyRunning(session, { project, environment });
  }
}

const summary = ({ request }: SignedRequest) =>
  `${request.project} ${request.environment} ${request.ref} by ${request.requestedBy}`.slice(
    0,
    190,
  );

/** Markdown for the Web UI. */
function details({ request }: SignedRequest): string {
  const { project, environment, ref, requestedBy, reason, priority, requestedAt } = request;
  return [
    `**${project} ${environment}** from \`${ref}\`, requested by ${requestedBy} at ${requestedAt}`,
    `${reason}${priority === 'P0' ? ' (**P0**)' : ''}`,
    'Back at any time, without a signature: send the signal `rollback` or `abort`.',
  ].join('\n\n');
}

async function alreadyRunning(session: Session, place: { project: string; environment: string }) {
  const { project, environment } = place;
  const { sealed, requester, startedAt } = await readDeploy(session, place);
  const who = sealed?.plan.requestedBy ?? requester ?? 'somebody';
  const what = sealed ? ` (${short(sealed.plan.sha)}: ${sealed.plan.reason})` : '';
  return new UserError(
    `${project} ${environment} is being deployed already, by ${who}${what}, ` +
      `since ${since(startedAt, new Date())} (${startedAt}).\n` +
      `One deploy at a time: yours was not started.\n` +
      `Watch it:  ${plimsoll} watch ${project} ${environment}\n` +
      `End it:    ${plimsoll} abort ${project} ${environment}`,
    exitCodes.notAllowed,
  );
}
