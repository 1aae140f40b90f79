import { condition, isCancellation } from '@temporalio/workflow';
import { givenUp } from '../domain/messages/order.ts';
import type { DeployStatus, Stuck } from '../domain/deploy/plan.ts';
import { Closed, isFinal, isOfAnotherRun, isOfEndedDeploy, sentence } from './closed.ts';
import type { Notes } from './notes.ts';

type Host = {
  readonly status: DeployStatus;
  readonly notes: Pick<Notes, 'page' | 'stillStuck'>;
  show(known: Partial<DeployStatus>): void;
  remember(what: string): void;
};

const iso = () => new Date().toISOString();

/**
 * Runs steps. If all retries of a step fail, the step waits for a person. An order of a person,
 * such as `retry`, applies to every waiting step.
 */
export class StepRunner {
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

  /** Gives up the stuck steps of the rollback. */
  abandon() {
    this.#aborts += 1;
  }

  /**
   * Runs a forward step. A final failure is thrown. After any other failure, the step is stuck
   * until a person decides.
   */
  async runStep<T>(step: string, act: () => Promise<T>, giveUpMs: number): Promise<T> {
    for (;;) {
      try {
        return await act();
      } catch (failure) {
        if (isCancellation(failure) || isFinal(failure)) throw failure;
        await this.#stuck(step, failure, giveUpMs);
      }
    }
  }

  /**
   * Runs a rollback step until it succeeds or is given up. No failure is final here, so a person is
   * paged after each failure. If the deploy has already ended, or belongs to another run, the
   * failure is thrown.
   */
  async runRollbackStep(
    step: string,
    act: () => Promise<unknown>,
    giveUpMs: number,
  ): Promise<void> {
    for (;;) {
      try {
        await act();
        return;
      } catch (failure) {
        if (isOfEndedDeploy(failure) || isOfAnotherRun(failure)) throw failure;
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
    if (abandoned()) throw new Closed('rollback-failed', [`${step}: ${stuck.cause}`, givenUp]);
    if (!retried) throw failure;
    this.#host.show({ stuck: [...this.#steps.values()][0] ?? null });
  }

  /**
   * Waits for a person. Returns true if a person answered before the time limit. During a rollback,
   * the incident channel gets a message every 15 min while nobody answers.
   */
  async #answered(answer: () => boolean, giveUpMs: number): Promise<boolean> {
    const { timing } = this.#host.status.sealed?.plan ?? {};
    const end = Date.now() + giveUpMs;
    const every =
      this.#host.status.phase === 'rollback' ? (timing?.updateMs ?? giveUpMs) : giveUpMs;
    for (;;) {
      const left = end - Date.now();
      if (await condition(answer, Math.max(1, Math.min(every, left)))) return true;
      if (Date.now() >= end) return false;
      this.#host.notes.stillStuck(this.#host.status);
    }
  }
}
