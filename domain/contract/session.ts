import type { SignedDecision, SignedRequest } from '../config/config.ts';
import type { AftermathReport, DeployReport, DeployStatus } from '../deploy/plan.ts';
import type { DeploySnapshot, Place } from '../deploy/snapshot.ts';
import type { RegistryMemo } from '../deploy/wire.ts';
import type { LiftInput, ReadLedger, ReleasesInput, StopInput, WaiveInput } from './activities.ts';

/** One run of the deploy of a place. */
export type Run = { place: Place; runId: string };

/**
 * A message to an open deploy that carries no approval. Temporal receives it as a signal without a
 * signature. The door accepts it only with the signature of a person in the configuration.
 */
export type OpenOrder =
  | { order: 'abort' | 'rollback' | 'retry' }
  | { order: 'flag'; text: string; who: string }
  /** Ends a deploy that Plimsoll cannot continue. */
  | { order: 'recover'; reason: string };

/** A short workflow that a client starts. The client waits for its result. */
export type Task =
  | { task: 'plan'; input: SignedRequest }
  | { task: 'adopt'; input: SignedRequest }
  | { task: 'lift'; input: LiftInput & { signed: SignedDecision } }
  | { task: 'waive'; input: WaiveInput & { signed: SignedDecision } }
  | { task: 'stopLine'; input: StopInput & { signed: SignedDecision } }
  | { task: 'reconcile'; input: { project?: string } }
  | { task: 'closeIncident'; input: { incident: string; by: string; note: string } }
  | { task: 'history'; input: ReadLedger }
  | { task: 'releases'; input: ReleasesInput }
  | { task: 'budget'; input: null }
  | { task: 'verifyLedger'; input: null };

/**
 * A task that a client started. `id` is the input of `Session.taskEnd`. `workflowId` is for people,
 * who can find the task in the Web UI with it.
 */
export type TaskRef = { id: string; workflowId: string };

/**
 * The end of a task. `refused`: the worker refused the input, and `why` tells the person the
 * reason.
 */
export type TaskEnd = { result: unknown } | { ended: 'refused' | 'failed'; why: string };

/**
 * The end of a closed deploy. If there is no report, `why` is the reason that Temporal recorded.
 */
export type DeployEnd =
  | { report: DeployReport }
  | { ended: 'refused' | 'terminated' | 'cancelled' | 'timed-out' | 'failed'; why: string };

/**
 * The calls that a client can make. There are two implementations: one calls Temporal, the other
 * calls the door, which a worker serves over HTTP.
 */
export type Session = {
  /** The address of the server, for people. */
  address: string;
  /** The namespace of Temporal. Null: the session uses the door. */
  namespace: string | null;
  /** Returns the announcement of the newest worker. Null: no worker ever ran. */
  registry(): Promise<RegistryMemo | null>;
  /** Returns the last time at which a worker polled the queue, in epoch ms. 0: never. */
  lastPoll(taskQueue: string): Promise<number>;
  /** Returns the newest deploy of the place, or the run `runId`. Null: there is no such deploy. */
  deploy(place: Place, runId?: string): Promise<DeploySnapshot | null>;
  /** Returns the status from a worker. Null: no worker answered within `ms`. */
  status(run: Run, ms: number): Promise<DeployStatus | null>;
  /** Returns the run that took over the lock from this run. Null: no run took it over. */
  heir(run: Run): Promise<string | null>;
  /** Returns how a closed run ended. */
  end(run: Run): Promise<DeployEnd>;
  /** Returns the report of the aftermath. Null: there is no report within `ms`. */
  aftermath(run: Run & { deployId: string }, ms: number): Promise<AftermathReport | null>;
  /** Starts a deploy and returns its run. Null: another deploy holds the lock. */
  start(taskQueue: string, signed: SignedRequest): Promise<string | null>;
  /**
   * Starts a rollback after the deploy has closed, and returns its run. Null: another deploy holds the
   * lock.
   */
  rollBack(taskQueue: string, signed: SignedRequest): Promise<string | null>;
  /** Asks an open deploy for its lock. False: the deploy has closed meanwhile. */
  supersede(run: Run, signed: SignedRequest): Promise<boolean>;
  /** Sends a signed decision. Resolves when Temporal has stored it. */
  decide(run: Run, signed: SignedDecision): Promise<void>;
  /**
   * Sends an order. Resolves when Temporal has stored it. 'cancelled': the server accepts no more
   * signals for this deploy, so Plimsoll sent `rollback` or `abort` as a cancellation. 'closed': the
   * deploy has closed meanwhile, so nothing was sent.
   */
  order(run: Run, order: OpenOrder): Promise<'sent' | 'cancelled' | 'closed'>;
  /** Starts a short workflow. */
  begin(taskQueue: string, task: Task): Promise<TaskRef>;
  /** Waits for the end of a task. Null: the task has not ended within `ms`. */
  taskEnd(ref: TaskRef, ms: number): Promise<TaskEnd | null>;
  /**
   * True if `cause` is an error of this session and means that the server cannot be reached now.
   * The caller may repeat the call.
   */
  isAway(cause: unknown): boolean;
};
