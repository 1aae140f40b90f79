import type { DeployRef } from './place.ts';
import type { Release } from './targets.ts';

/**
 * The facts that a worker has sealed about one deploy. Every activity that acts for a deploy gets
 * the warrant in its input. The activity chooses a target only by these facts and by the worker's
 * own configuration. For this choice, the activity trusts no other part of its input.
 */
export type Warrant = {
  /**
   * 'deploy': the warrant allows the effects of the approved plan, and its rollback. 'adopt': the
   * warrant allows only the steps that make the live release a rollback target. 'again': the
   * warrant allows only the rollback of a deploy that was rolled back before, and whose release is
   * served again. 'plan': the plan was made to be shown, and no step of a deploy may use it.
   * 'rollback': the warrant allows only the rollback of the live release, after its deploy has
   * closed. 'ask': the warrant allows only the question whether this rollback may begin.
   */
  purpose: 'deploy' | 'adopt' | 'again' | 'plan' | 'rollback' | 'ask';
  deploy: DeployRef;
  /** The workflow run that made the plan. A forward effect is refused in any other run. */
  runId: string;
  /** The digest that approvers sign; '' for an adoption. */
  digest: string;
  /** SHA-256 over the canonical JSON of `vouchedPlan(plan)`, in hex; '' for an adoption. */
  planHash: string;
  release: Release;
  rollbackTarget: Release | null;
  /** The platform's own id of the release that was live when the plan was made; null = no id. */
  liveId: string | null;
  /** ISO time at which the worker sealed the warrant. */
  sealedAt: string;
  /**
   * The epoch of the forward steps on hosts. Its rollback has the next number. Larger than the
   * epochs of all earlier deploys of the place; 0 = no fence.
   */
  epoch: number;
  seal: string;
};

/**
 * The platform's id of a build or a version that this deploy made. `made` is the seal of the worker
 * that made it. The workers make no other id live.
 */
export type SealedId = { id: string; made?: string | undefined };
