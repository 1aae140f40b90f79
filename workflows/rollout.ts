import {
  CancellationScope,
  log,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { describe } from '../domain/messages/status.ts';
import type { Evidence } from '../domain/contract/ledger.ts';
import { flaggable, mostFlags, readFlag } from '../domain/incident/flag.ts';
import type {
  DeployStatus,
  HostState,
  Outcome,
  Phase,
  Plan,
  PackedPlan,
  SealedPlan,
  WatchWindow,
} from '../domain/deploy/plan.ts';
import type { DeployRequest } from '../domain/config/config.ts';
import * as messages from './messages.ts';
import { ruleOnTheRest } from './decisions.ts';
import { DeadMansSwitch } from './dead-mans-switch.ts';
import { Notes } from './notes.ts';
import { Signals } from './signals.ts';
import { StepRunner } from './step-runner.ts';
import { Lock } from './lock.ts';
import type { Ruled } from './lock.ts';
import { nothingYet } from './status.ts';

const iso = () => new Date().toISOString();

/**
 * The state of one deploy. It contains the phase, the orders of people, and the status that every
 * screen shows.
 */
export class Rollout {
  readonly notes = new Notes();
  readonly deadMansSwitch = new DeadMansSwitch();
  readonly lock: Lock;
  readonly inbox: unknown[] = [];
  readonly status: DeployStatus;
  ordered: 'abort' | 'rollback' | 'flood' | null = null;
  readonly signals = new Signals(() => this.#flooded());
  aborts = 0;
  planned: Plan | null = null;
  /**
   * The plan as a worker sealed it. The plan in `status` is different, because it gets the newest
   * state of the hosts.
   */
  sealed: SealedPlan | null = null;
  /** True if the intent to touch production is in the ledger. */
  declared = false;
  /** The sealed smoke tests and samples, which prove a success to the ledger. */
  evidence: Evidence | undefined;
  /** The result of the watch so far. */
  window: WatchWindow | null = null;
  /** Proofs that run while the release is judged. */
  readonly proofs: (() => Promise<unknown>)[] = [];
  /**
   * This function is called when a flag arrives. It stops the judgement, or notifies the people who
   * are asked.
   */
  onFlag: (() => void) | null = null;
  readonly #stepRunner = new StepRunner(this);
  #forward: CancellationScope | null = null;

  /** `waiting` contains the requests that still waited when this deploy got the lock. */
  constructor(request: Pick<DeployRequest, 'project' | 'environment'>, waiting: unknown[] = []) {
    this.status = nothingYet(request, iso());
    setHandler(messages.decide, (decision) => {
      if (this.signals.hears('decide', this.inbox.length)) this.inbox.push(decision);
    });
    setHandler(messages.retry, () => this.#stepRunner.retry());
    setHandler(messages.rollback, () => this.#order('rollback'));
    setHandler(messages.abort, () => this.#order('abort'));
    setHandler(messages.flag, (report) => this.#flag(report));
    setHandler(messages.status, () => this.status);
    this.lock = new Lock(this, waiting);
    this.signals.ignoreUnknown();
    this.show();
  }

  /** Begins a phase, and shows the phase on every screen. */
  enter(phase: Phase, known: Partial<DeployStatus> = {}) {
    Object.assign(this.status, { phase, since: iso() }, known);
    upsertSearchAttributes({ PlimsollPhase: [phase] });
    this.remember(known.outcome ?? phase);
    this.show();
  }

  remember(what: string) {
    const timeline = [...(this.status.timeline ?? []), { at: iso(), what }];
    Object.assign(this.status, { timeline: timeline.slice(-60) });
  }

  show(known: Partial<DeployStatus> = {}) {
    Object.assign(this.status, known);
    const { liveNow, waitingFor, doThis, details } = describe(this.status);
    Object.assign(this.status, { liveNow, waitingFor, doThis });
    setCurrentDetails(details);
  }

  /** Puts the sealed plan into the memo, so that `approve` and `status` need no worker. */
  seal(sealed: SealedPlan, memo: SealedPlan | PackedPlan = sealed) {
    this.sealed = sealed;
    this.show({ sealed, gates: sealed.gates });
    upsertMemo({ plan: memo });
    upsertSearchAttributes({
      PlimsollCommit: [sealed.plan.sha],
      PlimsollPlatform: [sealed.plan.target.platform],
    });
  }

  /** Shows the state of every host. The hosts were read again after the rollback. */
  rolledBack(live: HostState[]) {
    const { sealed } = this.status;
    if (sealed) this.show({ sealed: { ...sealed, plan: { ...sealed.plan, live } } });
  }

  close(outcome: Outcome) {
    this.enter('closed', { outcome, stuck: null });
    upsertSearchAttributes({ PlimsollOutcome: [outcome] });
  }

  /** Runs the forward phases. A rollback cancels them. */
  async forward<T>(act: () => Promise<T>): Promise<T> {
    this.#forward = new CancellationScope();
    try {
      return await this.#forward.run(async () => {
        if (this.ordered) CancellationScope.current().cancel();
        return await act();
      });
    } finally {
      this.#forward = null;
    }
  }

  runStep<T>(step: string, act: () => Promise<T>, giveUpMs: number): Promise<T> {
    return this.#stepRunner.runStep(step, act, giveUpMs);
  }

  runRollbackStep(step: string, act: () => Promise<unknown>, giveUpMs: number): Promise<void> {
    return this.#stepRunner.runRollbackStep(step, act, giveUpMs);
  }

  onRequest(ruled: Ruled) {
    this.show({ requests: [...(this.status.requests ?? []), ruled.ruling].slice(-20) });
    this.notes.requested(this.status, ruled);
  }

  /**
   * Waits until every request has an answer, and rules on the late decisions. Call this before the
   * workflow ends.
   */
  async answered() {
    await this.lock.answered();
    await CancellationScope.nonCancellable(() => ruleOnTheRest(this));
    if (this.lock.ruled > 0) await this.notes.finish(30_000);
  }

  giveWay = () => this.#forward?.cancel();

  /**
   * Ends the deploy because half of the history is used. After the first effect, the release is
   * rolled back.
   */
  #flooded() {
    this.notes.flooded(this.status, this.signals);
    if (this.#forward === null) return;
    this.ordered ??= 'flood';
    this.#forward.cancel();
  }

  #flag(report: unknown) {
    if (!this.signals.hears('flag', 0)) return;
    const { phase, flags = [] } = this.status;
    if (!flaggable.has(phase) || flags.length >= mostFlags)
      return log.warn('a flag changed nothing', { phase, flags: flags.length });
    this.show({ flags: [...flags, readFlag(report, iso())] });
    this.notes.flagged(this.status);
    this.onFlag?.();
  }

  #order(order: 'abort' | 'rollback') {
    this.ordered = order;
    this.signals.count();
    if (order === 'abort') {
      this.aborts += 1;
      this.#stepRunner.abandon();
    }
    this.#forward?.cancel();
  }
}
