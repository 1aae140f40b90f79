import { condition, log, ParentClosePolicy, startChild } from '@temporalio/workflow';
import type { LostDeploy } from '../../domain/contract/activities.ts';
import { deployId } from '../../domain/deploy/wire.ts';
import { goesOn, recoverySummary } from '../../domain/messages/lost-deploy.ts';
import type { DeployReport, ReconcileReport } from '../../domain/deploy/plan.ts';
import { sentence } from '../closed.ts';
import { reading } from '../proxies.ts';
import { recover } from '../records/recover.ts';

/**
 * The longest time to wait for the recoveries, in milliseconds. A stuck recovery continues by
 * itself, and must not block the next run of `reconcile`.
 */
const timeLimitMs = 120_000;

/**
 * Ends workflows that hold a lock but are not deploys. Then finds deploys that were terminated or
 * lost their history, and starts a recovery for each of them.
 */
export async function reconcile(input: { project?: string }): Promise<ReconcileReport> {
  const freed = await reading.freeLocks(input).catch((failure: unknown) => {
    log.warn('the locks were not checked', { failure: String(failure) });
    return [];
  });
  const lost = await reading.findLost(input);
  const ends: ReconcileReport['deploys'] = lost.map((one) => ({
    ...placeOf(one),
    how: one.how,
    outcome: null,
    detail: goesOn,
  }));
  let open = lost.length;
  lost.forEach((one, at) => {
    void begin(one).then((found) => {
      Object.assign(ends[at] ?? {}, found);
      open -= 1;
    });
  });
  await condition(() => open === 0, timeLimitMs);
  return { freed, deploys: ends };
}

const placeOf = ({ deployId: id, project, environment, sha }: LostDeploy) => ({
  deployId: id,
  project,
  environment,
  sha,
});

type Found = Pick<ReconcileReport['deploys'][number], 'outcome' | 'detail'>;

/**
 * Starts the recovery, and returns its outcome. The workflow id of the recovery is the lock. If a
 * deploy holds the lock, no recovery starts, and `detail` says so.
 */
async function begin(lost: LostDeploy): Promise<Found> {
  const { project, environment } = lost;
  try {
    const child = await startChild(recover, {
      args: [{ deployId: lost.deployId }],
      workflowId: deployId(project, environment),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: recoverySummary(lost),
    });
    const { outcome, reasons }: DeployReport = await child.result();
    return { outcome, detail: reasons.join('; ') };
  } catch (failure) {
    const detail = `not recovered: ${sentence(failure)}`;
    return { outcome: null, detail };
  }
}
