import { CancellationScope } from '@temporalio/workflow';

type Undo = { name: string; act: () => Promise<unknown> };

/** Last in, first out. Every undo is absolute and idempotent, so it may be registered before its act. */
export class UndoStack {
  readonly #undos: Undo[] = [];

  push(name: string, act: () => Promise<unknown>) {
    this.#undos.push({ name, act });
  }

  /** Something may have reached production. */
  get touched() {
    return this.#undos.length > 0;
  }

  /** Throws what an undo throws: one that fails is escalated by its own `attempt`, never swallowed. */
  async unwind(step: (name: string, act: () => Promise<unknown>) => Promise<unknown>) {
    await CancellationScope.nonCancellable(async () => {
      for (const undo of this.#undos.toReversed()) await step(undo.name, undo.act);
    });
  }
}
