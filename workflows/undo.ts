import { CancellationScope } from '@temporalio/workflow';

type Undo = { name: string; act: () => Promise<unknown> };

/** Last in, first out. Every undo is absolute and idempotent, so it may be registered before its act. */
export class UndoStack {
  readonly #undos: Undo[] = [];

  push(name: string, act: () => Promise<unknown>) {
    this.#undos.push({ name, act });
  }

  /** The newest act is proven to have changed nothing. */
  pop() {
    this.#undos.pop();
  }

  /** Something may have reached production. */
  get touched() {
    return this.#undos.length > 0;
  }

  /**
   * Throws what an undo throws: one that fails is escalated by its own step, never swallowed. `atOnce`: a release
   * that fails everywhere is taken back everywhere, not host by host.
   */
  async unwind(
    step: (name: string, act: () => Promise<unknown>) => Promise<unknown>,
    { atOnce }: { atOnce: boolean },
  ) {
    await CancellationScope.nonCancellable(async () => {
      const undos = this.#undos.toReversed();
      if (atOnce) return await all(undos.map(({ name, act }) => step(name, act)));
      for (const { name, act } of undos) await step(name, act);
    });
  }
}

/** Every one is waited for, then the first failure is thrown. */
async function all(undoing: Promise<unknown>[]) {
  const ended = await Promise.allSettled(undoing);
  const failed = ended.find((it) => it.status === 'rejected');
  if (failed) throw failed.reason;
}
