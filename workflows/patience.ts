import { condition, isCancellation } from '@temporalio/workflow';
import type { DeployStatus, Stuck } from '../domain/plan.ts';
import { Closed, isFinal, sentence } from './closed.ts';
import type { Notes } from './notes.ts';

type Host = {
  readonly status: DeployStatus;
  readonly notes: Pick<Notes, 'page' | 'stillStuck'>;
  show(known: Partial<DeployStatus>): void;
  remember(what: string): void;
};

const iso = () => new Date().toISOString();

/** Steps that failed and wait for a person: what they order reaches all of them. */
export class Patience {
  readonly #host: Host;
  readonly #steps = new Map<string, Stuck>();
  #retries = 0;
  #aborts = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  retry() {
    this.#retries += 1;
  }

  /** Gives up what is stuck on the way back. */
  abandon() {
    this.#aborts += 1;
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
        const aborts = this.#aborts;
        await this.#stuck(step, failure, giveUpMs, () => this.#aborts > aborts);
      }
    }
  }

  async #stuck(step: string, failure: unknown, giveUpMs: number, abandoned = () => false) {
    const seen = this.#retries;
    const stuck = { step, cause: sentence(failure), since: iso() };
    this.#host.remember(`stuck: ${step}: ${stuck.cause}`.slice(0, 200));
    this.#steps.set(step, stuck);
    this.#host.show({ stuck });
    this.#host.notes.page(this.#host.status);
    const retried = await this.#answered(() => this.#retries > seen || abandoned(), giveUpMs);
    this.#steps.delete(step);
    if (abandoned())
      throw new Closed('restore-failed', [`${step}: ${stuck.cause}`, 'given up by abort']);
    if (!retried) throw failure;
    this.#host.show({ stuck: [...this.#steps.values()][0] ?? null });
  }

  /** On the way back, #incidents hears every 15 min that nobody came yet. */
  async #answered(answer: () => boolean, giveUpMs: number): Promise<boolean> {
    const { timing } = this.#host.status.sealed?.plan ?? {};
    const end = Date.now() + giveUpMs;
    const every = this.#host.status.phase === 'restore' ? (timing?.updateMs ?? giveUpMs) : giveUpMs;
    for (;;) {
      const left = end - Date.now();
      if (await condition(answer, Math.max(1, Math.min(every, left)))) return true;
      if (Date.now() >= end) return false;
      this.#host.notes.stillStuck(this.#host.status);
    }
  }
}
