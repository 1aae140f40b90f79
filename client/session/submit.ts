import { setTimeout as delay } from 'node:timers/promises';
import type { Phase } from '../../domain/deploy/plan.ts';
import { isWaiting, whyBegun } from '../../domain/queue/supersede.ts';
import { phaseOf } from '../../domain/deploy/snapshot.ts';
import type { SignedRequest } from '../../domain/config/config.ts';
import type { Session } from './connect.ts';
import { UserError } from '../errors.ts';
import { refuseIfFailing } from './failing.ts';
import { unattended } from './lock-holder.ts';
import { heirsOf, readDeploy } from './read-deploy.ts';
import type { DeploySnapshot } from './read-deploy.ts';
import { refusedText, unansweredText } from '../render/submit.ts';

/**
 * `replaced` is the deploy that gave up its lock. `joined` is a waiting deploy of the same commit.
 */
type Started = { runId: string; replaced?: DeploySnapshot; joined?: DeploySnapshot };
type Options = {
  /**
   * If true, and an equal deploy waits, the command follows that deploy. If false, the command
   * throws an error.
   */
  join: boolean;
};

const askEveryMs = 300;
/** The number of further attempts if another deploy gets the lock first. */
const mostTries = 5;

/**
 * Starts the deploy, or joins an equal deploy that waits. If another deploy is open, asks that
 * deploy for its lock. Throws a UserError if the open deploy continues (exit 4), or has not
 * answered yet (exit 8).
 */
export async function submit(
  session: Session,
  taskQueue: string,
  signed: SignedRequest,
  options: Options,
): Promise<Started> {
  for (let tries = 0; ; tries += 1) {
    const runId = await session.start(taskQueue, signed);
    if (runId !== null) return { runId };
    const snapshot = await readDeploy(session, signed.request);
    const taken = snapshot.running ? await takeOver(session, snapshot, signed, options) : null;
    if (taken !== null) return taken;
    if (tries === mostTries) throw unansweredText(snapshot);
  }
}

/**
 * Asks the open deploy for its lock, and returns the new run or the joined run. Returns null if the
 * lock is free again.
 */
async function takeOver(
  session: Session,
  snapshot: DeploySnapshot,
  signed: SignedRequest,
  options: Options,
): Promise<Started | null> {
  refuseIfFailing('deploy', snapshot);
  const nobody = await unattended(session, snapshot);
  if (nobody) throw new UserError(nobody);
  refuseAtOnce(snapshot, signed);
  const sent = await session.supersede(snapshot, signed);
  return sent ? await answerTo(session, snapshot, signed, options) : null;
}

/**
 * Throws a UserError if the open deploy has had an effect. Such a deploy is never replaced, so the
 * request is not sent.
 */
function refuseAtOnce(snapshot: DeploySnapshot, { request }: SignedRequest) {
  const phase = phaseOf(snapshot);
  if (isWaiting(phase as Phase) || phase === 'closed' || phase === 'unknown') return;
  throw refusedText(snapshot, request, { why: whyBegun(phase) });
}

async function answerTo(
  session: Session,
  before: DeploySnapshot,
  { request }: SignedRequest,
  { join }: Options,
): Promise<Started | null> {
  const until = Date.now() + session.timeLimits.answerMs;
  while (Date.now() < until) {
    let newest = before;
    // The deploy that received the lock may already have given the lock to another deploy.
    for await (newest of heirsOf(session, before)) {
      const { runId } = newest;
      if (newest.request === request.nonce) return { runId, replaced: before };
      const ruling = refusalOf(newest, request);
      // The requester named a rollback target. It may differ from the rollback target of the
      // waiting deploy.
      const same = ruling?.alreadyWaits && request.rollbackTarget === undefined;
      if (join && same) return { runId, joined: newest };
      if (ruling) throw refusedText(newest, request, ruling);
    }
    if (!newest.running) return null;
    await delay(askEveryMs);
  }
  throw unansweredText(before);
}

const refusalOf = ({ status }: DeploySnapshot, { nonce }: SignedRequest['request']) =>
  status?.requests?.find((ruling) => ruling.nonce === nonce && ruling.verdict === 'refused');
