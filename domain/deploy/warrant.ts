import type { DeployRef } from './place.ts';
import type { Release } from './targets.ts';

/**
 * The facts that a worker has sealed about one deploy. Every activity that acts for a deploy gets
 * the warrant in its input. The activity believes these facts and its own configuration, and
 * nothing else in its input that could choose a target.
 */
export type Warrant = {
  /**
   * 'deploy': the effects of the approved plan, and its rollback. 'adopt': only the steps that make
   * the live release a rollback target. 'rollback': only the rollback of the live release, after its
   * deploy has closed. 'ask': only the question whether this rollback may begin.
   */
  purpose: 'deploy' | 'adopt' | 'rollback' | 'ask';
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
  seal: string;
};

/**
 * The platform's id of a build or a version that this deploy made. `made` is the seal of the worker
 * that made it. No other id can be made live.
 */
export type SealedId = { id: string; made?: string | undefined };
