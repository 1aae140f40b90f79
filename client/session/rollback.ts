import type { ReleasesReport } from '../../domain/contract/activities.ts';
import { namespaces } from '../../domain/deploy/wire.ts';
import {
  lockTaken,
  needsReason,
  onlyAfterDeploy,
  rollsBack,
} from '../../domain/messages/late-rollback.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { signRequest } from '../sign/request.ts';
import type { IdentityOptions } from '../sign/identity.ts';
import { withSession } from './connect.ts';
import type { Session } from './connect.ts';
import { follow } from './follow.ts';
import { refuseIfSquatted } from './lock-holder.ts';
import { orderTo } from './order.ts';
import type { Place } from './read-deploy.ts';
import { checkKnown, checkPolled, findWorker } from './registry.ts';
import { runTask } from './run-task.ts';

export type RollbackOptions = Place &
  IdentityOptions & { reason?: string; to?: string; blame?: true };

/**
 * Rolls back. If a deploy is open, sends it the order to roll back. If no deploy is open, signs a
 * request to roll the live release back, and follows this rollback. Exit 0: the order was sent, the
 * release was rolled back, or nothing was to be rolled back. The other exit codes are those of a
 * deploy.
 */
export const rollBack = (io: Io, options: RollbackOptions): Promise<number> =>
  withSession(io, options, async (session) => {
    const { project, environment, to, blame } = options;
    const place = { project, environment };
    const open = await session.deploy(place);
    if (open) refuseIfSquatted(open);
    if (open?.running) {
      const given = [to === undefined ? [] : '--to', blame ? '--blame' : []].flat();
      if (given.length === 0) return await orderTo(io, session, 'rollback', open);
      throw new UserError(onlyAfterDeploy(place, given.join(' and ')), exitCodes.usage);
    }
    const worker = await findWorker(io, session);
    checkKnown(worker, place);
    await checkPolled(session, worker.taskQueue);
    const input = { ...place, ...(to === undefined ? {} : { to }) };
    const task = { task: 'releases', input } as const;
    const report = await runTask<ReleasesReport>(session, worker.taskQueue, task);
    const { next } = report;
    if (next.kind === 'rollback') return await start(io, session, worker.taskQueue, options, next);
    if (next.kind === 'impossible') throw new UserError(next.why, exitCodes.notAllowed);
    io.data(report, next.why);
    return exitCodes.ok;
  });

type Next = Extract<ReleasesReport['next'], { kind: 'rollback' }>;

async function start(
  io: Io,
  session: Session,
  taskQueue: string,
  { to: _, reason, ...options }: RollbackOptions,
  next: Next,
): Promise<number> {
  const place = { project: options.project, environment: options.environment };
  if (reason === undefined) throw new UserError(needsReason(place, next), exitCodes.usage);
  const asked = { ...options, ref: next.to, reason, priority: 'normal' } as const;
  const signed = await signRequest(io, asked, namespaces.rollback);
  const runId = await session.rollBack(taskQueue, signed);
  if (runId === null) throw new UserError(lockTaken(place), exitCodes.notAllowed);
  io.say(rollsBack(place, next));
  const code = await follow(io, session, place, { runId });
  return code === exitCodes.rolledBack ? exitCodes.ok : code;
}
