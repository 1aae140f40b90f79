import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { SignedRequest } from '../domain/config/config.ts';
import { refOf } from '../domain/deploy/plan.ts';
import type { Cause, DeployReport, Outcome, Plan, SealedPlan } from '../domain/deploy/plan.ts';
import {
  condemnedCause,
  keptBySignature,
  nobodySigned,
  staysLive,
} from '../domain/messages/late-rollback.ts';
import { sentence } from './closed.ts';
import { Compensations } from './compensations.ts';
import { externalOutage } from './external-outage.ts';
import { declareIntent } from './intent.ts';
import { rollbackOf } from './platforms/index.ts';
import { comparing, reading } from './proxies.ts';
import { reportOf } from './report.ts';
import { rollBack } from './roll-back.ts';
import { askForRollback } from './rollback-approval.ts';
import { Rollout } from './rollout.ts';
import { settleClosed } from './settle.ts';

/**
 * plan ─ (signature across migrations) ─ intent ─ rollback ─ prove ─▶ aftermath (own workflow)
 *
 * Rolls back the live release after its deploy has closed. The deploys of the place have the same
 * workflow id, and this id is the lock. Even if the workflow is cancelled from outside, the rollback
 * continues. It ends in one of three ways: every host serves the live release as before, every host
 * serves the rollback target, or a person is paged.
 */
export const lateRollback = (signed: SignedRequest): Promise<DeployReport> =>
  CancellationScope.nonCancellable(async () => {
    const rollout = new Rollout(signed.request);
    const { runId } = workflowInfo();
    const { memo, cause: ordered, ...sealed } = await reading.planRollback({ signed, runId });
    rollout.show({ deployId: sealed.plan.deployId });
    rollout.planned = sealed.plan;
    rollout.lock.hold(sealed.plan, { gives: false });
    rollout.seal(sealed, memo);
    const [outcome, reasons] = await ended(rollout, sealed, ordered);
    await rollout.answered();
    return reportOf(rollout.status, outcome, reasons);
  });

async function ended(
  rollout: Rollout,
  sealed: SealedPlan,
  ordered: Cause,
): Promise<[Outcome, string[]]> {
  const begun = await begin(rollout, sealed, ordered);
  if ('cause' in begun) {
    const outcome = await rollBack(
      rollout,
      rollbackOf(begun.plan, new Compensations()),
      begun.cause,
    );
    return [outcome, [begun.cause.detail]];
  }
  rollout.close(begun.outcome);
  await settleClosed(rollout, begun);
  return [begun.outcome, begun.reasons];
}

type Begun = { plan: Plan; cause: Cause } | { outcome: Outcome; reasons: string[] };

/**
 * Performs all steps before the first effect. If the result has no cause, production is unchanged.
 */
async function begin(rollout: Rollout, sealed: SealedPlan, ordered: Cause): Promise<Begun> {
  try {
    const allowed = await signedIfNeeded(rollout, sealed, ordered);
    if ('outcome' in allowed) return allowed;
    const { plan } = allowed;
    const [cause] = await Promise.all([judgeLive(plan, ordered), declareIntent(rollout, plan)]);
    return { plan, cause };
  } catch (failure) {
    return { outcome: 'aborted', reasons: [sentence(failure)] };
  }
}

/**
 * If the rollback crosses migrations, waits until an approver has signed the rollback. Returns the
 * plan that may begin.
 */
async function signedIfNeeded(
  rollout: Rollout,
  sealed: SealedPlan,
  ordered: Cause,
): Promise<SealedPlan | { outcome: Outcome; reasons: string[] }> {
  if (sealed.plan.forwardOnly === undefined) return sealed;
  const { answer, counted } = await askForRollback(rollout, ordered);
  if (answer === 'unproven') return { outcome: 'rejected', reasons: [staysLive(keptBySignature)] };
  if (answer !== 'rollback') return { outcome: 'expired', reasons: [staysLive(nobodySigned)] };
  const allowed = await reading.allowRollback({ sealed, signed: counted });
  rollout.sealed = allowed;
  rollout.show({ sealed: allowed });
  return allowed;
}

/**
 * Probes the critical paths of the live release for at most 5 s. If they fail, and no outage
 * outside of the release is known, returns a cause that blames the release. Otherwise, returns
 * `ordered`.
 */
async function judgeLive(plan: Plan, ordered: Cause): Promise<Cause> {
  const { target, warrant, timing, smoke } = plan;
  if (ordered.blames === 'release') return ordered;
  try {
    const input = { deploy: refOf(plan), warrant, target, smoke, timing };
    const { checks } = await comparing.runSmoke(input);
    const failed = checks.filter(({ outcome }) => outcome === 'failed');
    if (failed.length === 0 || (await externalOutage(plan)) !== null) return ordered;
    return condemnedCause(
      ordered,
      failed.map(({ path, detail }) => `${path}: ${detail}`).join('; '),
    );
  } catch {
    return ordered;
  }
}
