import type { Cause, Moment, Outcome, Plan, Release, ServedProof } from '../deploy/plan.ts';
import type { Effect } from './effect.ts';

/**
 * The end of a deploy after its rollback phase, with the seal of a worker. A worker makes this seal
 * only for the run of the deploy, or for a recovery after this run has ended.
 */
export type SealedEnd = {
  outcome: Outcome;
  cause: Cause;
  timeline: Moment[];
  /** The proof of the rollback; null = no proof has run. */
  proof: ServedProof | null;
  /** True if the worker that made the seal has paged people about this end. */
  paged: boolean;
  seal: string;
};

/** A deploy that ended after its rollback phase, as the ledger knows it. */
export type EndedDeploy = {
  /** The plan that was recorded before the first effect, with its warrant. */
  plan: Plan;
  outcome: Outcome;
  cause: Cause;
  timeline?: Moment[];
  /** The release that was made live; null = the new release stayed live. */
  rolledBackTo: Release | null;
  /** True if the worker that recorded the end has paged people about it. */
  paged?: boolean;
};

export interface EndActivities {
  /**
   * Seals the end of a deploy that has changed production. Only the run of the deploy may ask for
   * the seal, or a recovery after this run has ended. If production needs a person, pages people
   * first. Works without the ledger.
   */
  sealEnd: Effect<[input: { plan: Plan } & Omit<SealedEnd, 'paged' | 'seal'>], SealedEnd>;
  /**
   * Records the sealed end in the ledger, and returns the recorded end. Before it records a
   * rollback, reads what every host serves. If a host does not serve the rollback target, records
   * `rollback-failed` and pages people. If the run of this deploy was lost, records nothing: the
   * deploy stays open, and the activity throws a refusal. If no host could be read, or no sealed
   * proof says that the rollback target works, records the rollback and pages people. Throws a final failure of
   * type 'refused' if the ledger does not know the deploy, or no worker sealed this end.
   */
  closeAfterRollback: Effect<[input: { deployId: string; end: SealedEnd }], EndedDeploy>;
}
