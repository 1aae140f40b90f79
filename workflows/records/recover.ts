import { unplanned } from '../../domain/platforms/index.ts';
import { ApplicationFailure, sleep } from '@temporalio/workflow';
import { failures } from '../../domain/deploy/failures.ts';
import type { LostDeploy } from '../../domain/contract/activities.ts';
import { refOf } from '../../domain/deploy/plan.ts';
import type { Cause, DeployReport, HostState, Outcome, Plan } from '../../domain/deploy/plan.ts';
import {
  firstHasNoRollback,
  lostCause,
  neverTouched,
  notLost,
  rolledBackFrom,
  servesForeign,
  servesOld,
  rollbackNotApproved,
} from '../../domain/messages/lost-deploy.ts';
import { judgeLost } from '../../domain/rollback/lost.ts';
import { lostPage } from '../../domain/messages/page.ts';
import { startAftermath } from '../aftermath.ts';
import { Closed, sentence } from '../closed.ts';
import { proveRollback, rollBackAll } from '../platforms/index.ts';
import { paging, recording, rollingBack } from '../proxies.ts';
import { Rollout } from '../rollout.ts';
import { settleClosed } from '../settle.ts';

/**
 * The shortest time between the end of the lost run and the recovery, in milliseconds. An activity
 * of the lost run may still work. Its next heartbeat tells the activity that the run has ended, and
 * the activity stops.
 */
const graceMs = 15_000;

export type RecoverInput = Pick<LostDeploy, 'deployId'>;

type End = { outcome: Outcome; detail: string };

/**
 * Recovers a lost deploy. The plan comes from the ledger, never from the input. The recovery has
 * the workflow id of the lost deploy, and this id is the lock. So a recovery and a deploy never run
 * at the same time. People are always paged with the outcome.
 */
export async function recover({ deployId }: RecoverInput): Promise<DeployReport> {
  const [lost] = await recording.findLost({ deployId });
  if (!lost) throw ApplicationFailure.nonRetryable(notLost(deployId), failures.refused);
  const rollout = new Rollout(lost);
  rollout.show({ deployId: lost.deployId });
  rollout.lock.hold({ ...lost, priority: 'normal' }, { gives: false });
  const { plan } = lost;
  const end = plan ? await recoverDeploy(rollout, lost, plan) : untouched;
  const ended =
    end.outcome === 'aborted' ? { ...end, reasons: [`${lost.how}: ${end.detail}`] } : end;
  rollout.close(end.outcome);
  if (plan && end.outcome !== 'aborted') await aftermathOf(rollout, plan, end);
  rollout.notes.aside('page', () => paging.page(lostPage(lost, end.outcome, end.detail)));
  await settleClosed(rollout, 'reasons' in ended ? ended : undefined);
  await rollout.answered();
  return report(lost, rollout, end);
}

const untouched: End = { outcome: 'aborted', detail: neverTouched };

async function recoverDeploy(rollout: Rollout, lost: LostDeploy, plan: Plan): Promise<End> {
  const ago = lost.closedAt ? Date.now() - Date.parse(lost.closedAt) : graceMs;
  const cause: Cause = {
    kind: 'terminated',
    blames: 'person',
    detail: lostCause(lost),
  };
  rollout.seal({ plan, gates: [], digest: '' });
  rollout.enter('rollback', { cause });
  rollout.declared = true;
  rollout.notes.aside('rolling-back', () =>
    recording.declareRollback({ deploy: refOf(plan), warrant: plan.warrant }),
  );
  await rollout.deadMansSwitch.arm(plan);
  rollout.notes.parent(rollout.status);
  if (ago < graceMs) await sleep(graceMs - ago);
  try {
    return await rollBack(rollout, lost, plan);
  } catch (failure) {
    const detail = sentence(failure);
    rollout.show({ stuck: null, cause: { ...cause, detail } });
    return { outcome: 'rollback-failed', detail };
  }
}

async function rollBack(rollout: Rollout, lost: LostDeploy, plan: Plan): Promise<End> {
  const states = await look(rollout, plan);
  const found = judgeLost(plan, states);
  // If a rollback had begun, it must be proven, even if the previous release is served.
  if (found === 'old' && !lost.rollingBack) {
    rollout.rolledBack(states);
    return { outcome: 'aborted', detail: servesOld(states) };
  }
  if (found === 'foreign') throw new Closed('rollback-failed', [servesForeign(states)]);
  if (plan.forwardOnly !== undefined && found === 'rollback')
    return { outcome: 'rollback-not-approved', detail: rollbackNotApproved(states, plan) };
  if (found === 'no-way')
    throw new Closed('rollback-failed', [plan.noReturn ?? firstHasNoRollback]);
  await rollBackAll(rollout, plan);
  const failing = await proveRollback(rollout, plan);
  if (failing !== null) {
    rollout.show({ cause: { ...(rollout.status.cause as Cause), detail: failing } });
    return { outcome: 'rolled-back-still-failing', detail: failing };
  }
  return { outcome: 'rolled-back', detail: rolledBackFrom(states) };
}

async function look(rollout: Rollout, plan: Plan): Promise<HostState[]> {
  let states: HostState[] = [];
  await rollout.runRollbackStep(
    'read what is served',
    async () => {
      const { target, warrant } = plan;
      states = await rollingBack.inspectHosts({ target, warrant });
    },
    plan.timing.rollbackGiveUpMs,
  );
  return states;
}

async function aftermathOf({ status }: Rollout, plan: Plan, { outcome }: End) {
  if (status.cause) await startAftermath(status, { plan, cause: status.cause, outcome });
}

const report = (
  lost: LostDeploy,
  { declared }: Rollout,
  { outcome, detail }: End,
): DeployReport => ({
  deployId: lost.deployId,
  project: lost.project,
  environment: lost.environment,
  platform: lost.plan?.target.platform ?? unplanned,
  sha: lost.sha,
  outcome,
  reasons: [`it ${lost.how}: ${detail}`],
  touched: declared && outcome !== 'aborted',
});
