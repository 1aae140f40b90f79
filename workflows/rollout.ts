import {
  CancellationScope,
  log,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { describe } from '../domain/policy/saga.ts';
import { flaggable, mostFlags, readFlag } from '../domain/policy/flag.ts';
import type {
  DeployStatus,
  HostState,
  Outcome,
  Phase,
  Plan,
  SealedPlan,
  WatchWindow,
} from '../domain/plan.ts';
import type { DeployRequest } from '../domain/schema.ts';
import * as messages from './messages.ts';
import { ruleOnTheRest } from './decisions.ts';
import { DeadMan } from './dead-man.ts';
import { Notes } from './notes.ts';
import { Patience } from './patience.ts';
import { Slot } from './slot.ts';
import type { Ruled } from './slot.ts';
import { nothingYet } from './status.ts';

const iso = () => new Date().toISOString();

/** The state of one rollout: what every screen shows, what people ordered, and in which phase it is. */
export class Rollout {
  readonly notes = new Notes();
  readonly deadMan = new DeadMan();
  readonly slot: Slot;
  readonly inbox: unknown[] = [];
  readonly status: DeployStatus;
  ordered: 'abort' | 'rollback' | null = null;
  aborts = 0;
  planned: Plan | null = null;
  /** The intent to touch production is in the ledger. */
  declared = false;
  /** What the watch saw so far. */
  window: WatchWindow | null = null;
  /** What the platform still proves while the release is judged. */
  readonly proofs: (() => Promise<unknown>)[] = [];
  /** What a flag does now: interrupt the judgement, or tell those who are asked. */
  onFlag: (() => void) | null = null;
  readonly #patience = new Patience(this);
  #forward: CancellationScope | null = null;

  /** `waiting`: who asked for the slot already when it was handed over to this deploy. */
  constructor(request: Pick<DeployRequest, 'project' | 'environment'>, waiting: unknown[] = []) {
    this.status = nothingYet(request, iso());
    setHandler(messages.decide, (decision) => void this.inbox.push(decision));
    setHandler(messages.retry, () => this.#patience.retry());
    setHandler(messages.rollback, () => this.#order('rollback'));
    setHandler(messages.abort, () => this.#order('abort'));
    setHandler(messages.flag, (report) => this.#flag(report));
    setHandler(messages.status, () => this.status);
    this.slot = new Slot(this, waiting);
    this.show();
  }

  /** A phase begins: every screen says so. */
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

  /** The digested plan lies in the memo: `approve` and `status` need no worker. */
  seal(sealed: SealedPlan) {
    this.show({ sealed, gates: sealed.gates });
    upsertMemo({ plan: sealed });
    upsertSearchAttributes({
      PlimsollCommit: [sealed.plan.sha],
      PlimsollPlatform: [sealed.plan.target.platform],
    });
  }

  /** Every host was looked at after the way back. */
  restored(live: HostState[]) {
    const { sealed } = this.status;
    if (sealed) this.show({ sealed: { ...sealed, plan: { ...sealed.plan, live } } });
  }

  close(outcome: Outcome) {
    this.enter('closed', { outcome, stuck: null });
    upsertSearchAttributes({ PlimsollOutcome: [outcome] });
  }

  /** Everything on the way forward runs in here: an order to go back cancels it. */
  async forward<T>(voyage: () => Promise<T>): Promise<T> {
    this.#forward = new CancellationScope();
    try {
      return await this.#forward.run(async () => {
        if (this.ordered) CancellationScope.current().cancel();
        return await voyage();
      });
    } finally {
      this.#forward = null;
    }
  }

  attempt<T>(step: string, act: () => Promise<T>, giveUpMs: number): Promise<T> {
    return this.#patience.attempt(step, act, giveUpMs);
  }

  insist(step: string, act: () => Promise<unknown>, giveUpMs: number): Promise<void> {
    return this.#patience.insist(step, act, giveUpMs);
  }

  onRequest(ruled: Ruled) {
    this.show({ requests: [...(this.status.requests ?? []), ruled.ruling].slice(-20) });
    this.notes.requested(this.status, ruled);
  }

  /** Before the workflow ends: whoever asked for the slot has an answer, whoever decided too late a ruling. */
  async answered() {
    await this.slot.answered();
    await CancellationScope.nonCancellable(() => ruleOnTheRest(this));
    if (this.slot.ruled > 0) await this.notes.finish(30_000);
  }

  giveWay = () => this.#forward?.cancel();

  #flag(report: unknown) {
    const { phase, flags = [] } = this.status;
    if (!flaggable.has(phase) || flags.length >= mostFlags)
      return log.warn('a flag changed nothing', { phase, flags: flags.length });
    this.show({ flags: [...flags, readFlag(report, iso())] });
    this.notes.flagged(this.status);
    this.onFlag?.();
  }

  #order(order: 'abort' | 'rollback') {
    this.ordered = order;
    if (order === 'abort') {
      this.aborts += 1;
      this.#patience.abandon();
    }
    this.#forward?.cancel();
  }
}
