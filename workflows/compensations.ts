import { CancellationScope } from '@temporalio/workflow';

type Compensation = { name: string; act: () => Promise<unknown> };

/**
 * The compensations of one deploy. The newest compensation runs first. Each compensation sets an
 * absolute state, such as "release R is live". So a compensation may run more than once, and it is
 * registered before its effect.
 */
export class Compensations {
  readonly #compensations: Compensation[] = [];

  push(name: string, act: () => Promise<unknown>) {
    this.#compensations.push({ name, act });
  }

  pushAll(compensations: readonly Compensation[]) {
    this.#compensations.push(...compensations);
  }

  /**
   * Removes the newest compensation. Call this only if a proof shows that its step changed nothing.
   */
  pop() {
    this.#compensations.pop();
  }

  /** Returns true if production may have changed. */
  get touched() {
    return this.#compensations.length > 0;
  }

  /**
   * Runs the compensations one after another, newest first. Each compensation runs through `step`.
   * If a compensation fails, throws its failure, and the older compensations do not run. With
   * `atOnce`, all compensations run at the same time, so that no host keeps a bad release while
   * another host rolls back. Then the first failure is thrown after all compensations have ended.
   */
  async unwind(
    step: (name: string, act: () => Promise<unknown>) => Promise<unknown>,
    { atOnce }: { atOnce: boolean },
  ) {
    await CancellationScope.nonCancellable(async () => {
      const compensations = this.#compensations.toReversed();
      if (atOnce) return await all(compensations.map(({ name, act }) => step(name, act)));
      for (const { name, act } of compensations) await step(name, act);
    });
  }
}

/** Waits for all promises, then throws the first failure. */
async function all(undoing: Promise<unknown>[]) {
  const ended = await Promise.allSettled(undoing);
  const failed = ended.find((it) => it.status === 'rejected');
  if (failed) throw failed.reason;
}
