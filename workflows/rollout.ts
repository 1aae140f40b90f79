import {
  CancellationScope,
  condition,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { describe } from '../domain/policy/saga.ts';
import type { DeployStatus, HostState, Outcome, Phase, SealedPlan } from '../domain/plan.ts';
import type { DeployRequest } from '../domain/schema.ts';
import { Closed, isFinal, sentence } from './closed.ts';
import * as messages from './messages.ts';
import { Notes } from './notes.ts';

const iso = () => new Date().toISOString();

/** The state of one rollout: what every screen shows, what people ordered, and where a step may be stuck. */
export class Rollout {
  readonly notes = new Notes();
  readonly inbox: unknown[] = [];
  readonly status: DeployStatus;
  ordered: 'abort' | 'rollback' | null = null;
  #retries = 0;
  #forward: CancellationScope | null = null;

  constructor(request: DeployRequest) {
    const { project, environment } = request;
    const nothingYet = {
      sealed: null,
      smoke: null,
      watch: null,
      stuck: null,
      cause: null,
    } as const;
    this.status = {
      ...nothingYet,
      deployId: '',
      project,
      environment,
      phase: 'planning',
      since: iso(),
      liveNow: '',
      waitingFor: '',
      doThis: '',
      gates: [],
      rulings: [],
      outcome: null,
    };
    setHandler(messages.decide, (decision) => void this.inbox.push(decision));
    setHandler(messages.retry, () => void (this.#retries += 1));
    setHandler(messages.rollback, () => this.#order('rollback'));
    setHandler(messages.abort, () => this.#order('abort'));
    setHandler(messages.status, () => this.status);
    this.show();
  }

  /** A phase begins: every screen says so. */
  enter(phase: Phase, known: Partial<DeployStatus> = {}) {
    Object.assign(this.status, { phase, since: iso() }, known);
    upsertSearchAttributes({ PlimsollPhase: [phase] });
    this.show();
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

  /** A transient failure whose retries are exhausted leaves the step stuck until a person says what now. */
  async attempt<T>(step: string, act: () => Promise<T>, giveUpMs: number): Promise<T> {
    for (;;) {
      try {
        return await act();
      } catch (failure) {
        if (isCancellation(failure) || isFinal(failure)) throw failure;
        await this.#stuck(step, failure, giveUpMs);
      }
    }
  }

  /** On the way back nothing is final: a person is called, again and again, until it is proven or given up. */
  async insist(step: string, act: () => Promise<unknown>, giveUpMs: number): Promise<void> {
    for (;;) {
      try {
        await act();
        return;
      } catch (failure) {
        const aborts = this.ordered;
        await this.#stuck(
          step,
          failure,
          giveUpMs,
          () => this.ordered === 'abort' && aborts !== 'abort',
        );
      }
    }
  }

  async #stuck(step: string, failure: unknown, giveUpMs: number, abandoned = () => false) {
    const seen = this.#retries;
    const stuck = { step, cause: sentence(failure), since: iso() };
    this.show({ stuck });
    this.notes.page(this.status);
    const retried = await condition(() => this.#retries > seen || abandoned(), giveUpMs);
    if (abandoned())
      throw new Closed('restore-failed', [`${step}: ${stuck.cause}`, 'given up by abort']);
    if (!retried) throw failure;
    this.show({ stuck: null });
  }

  #order(order: 'abort' | 'rollback') {
    this.ordered = order;
    this.#forward?.cancel();
  }
}
