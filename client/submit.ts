import { setTimeout as delay } from 'node:timers/promises';
import { deployId, messages } from '../domain/messages.ts';
import type { Phase } from '../domain/plan.ts';
import { isWaiting, whyBegun } from '../domain/policy/supersede.ts';
import {
  requestAttributes,
  requestDetails,
  requestSummary,
} from '../domain/policy/request-words.ts';
import type { SignedRequest } from '../domain/schema.ts';
import type { Session } from './connect.ts';
import { notFound } from './not-found.ts';
import { handleOf, heirsOf, readDeploy } from './read-deploy.ts';
import type { Seen } from './read-deploy.ts';
import { refusedText, unansweredText } from './submit-words.ts';

type Started = { runId: string; replaced: Seen | null };

const waitMs = 60_000;
const askEveryMs = 300;
/** Of a slot that changes hands while it is asked for. */
const mostTries = 5;

/**
 * Starts the deploy, or has the one that is open replaced by it. UserError: that one goes on (4), or has not
 * answered yet (8).
 */
export async function submit(
  session: Session,
  taskQueue: string,
  signed: SignedRequest,
): Promise<Started> {
  for (let tries = 0; ; tries += 1) {
    const runId = await start(session, taskQueue, signed);
    if (runId !== null) return { runId, replaced: null };
    const seen = await readDeploy(session, signed.request);
    const taken = seen.running ? await takeOver(session, seen, signed) : null;
    if (taken !== null) return { runId: taken, replaced: seen };
    if (tries === mostTries) throw unansweredText(seen);
  }
}

/** null: the slot is taken. */
async function start(
  session: Session,
  taskQueue: string,
  signed: SignedRequest,
): Promise<string | null> {
  const { request } = signed;
  const starting = () =>
    session.client.workflow.start(messages.deploy, {
      taskQueue,
      workflowId: deployId(request.project, request.environment),
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      args: [signed],
      staticSummary: requestSummary(request),
      staticDetails: requestDetails(request),
      typedSearchAttributes: requestAttributes(request),
    });
  try {
    return (await session.within(starting)).firstExecutionRunId;
  } catch (cause) {
    if ((cause as Error).name !== 'WorkflowExecutionAlreadyStartedError') throw cause;
    return null;
  }
}

/** The new run; null: the slot was freed meanwhile. */
async function takeOver(
  session: Session,
  seen: Seen,
  signed: SignedRequest,
): Promise<string | null> {
  refuseAtOnce(seen, signed);
  const handle = handleOf(session, seen.place, seen.runId);
  const sending = session.within(() => handle.signal(messages.supersede, signed));
  const sent = await notFound(sending.then(() => true));
  return sent ? await answerTo(session, seen, signed) : null;
}

/** What has had an effect need not be asked. */
function refuseAtOnce(seen: Seen, { request }: SignedRequest) {
  const phase = (seen.status?.phase ?? seen.phase ?? 'planning') as Phase;
  if (isWaiting(phase) || phase === 'closed') return;
  throw refusedText(seen, request, { why: whyBegun(phase) });
}

async function answerTo(
  session: Session,
  before: Seen,
  { request }: SignedRequest,
): Promise<string | null> {
  const until = Date.now() + waitMs;
  while (Date.now() < until) {
    let newest = before;
    // Whoever took the slot over may have given it up again, before anybody looked.
    for await (newest of heirsOf(session, before)) {
      if (newest.request === request.nonce) return newest.runId;
      refuseIfRuled(newest, request);
    }
    if (!newest.running) return null;
    await delay(askEveryMs);
  }
  throw unansweredText(before);
}

function refuseIfRuled(seen: Seen, request: SignedRequest['request']) {
  const ruling = seen.status?.requests?.find(({ nonce }) => nonce === request.nonce);
  if (ruling?.verdict === 'refused') throw refusedText(seen, request, ruling);
}
