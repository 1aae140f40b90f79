import { CancellationScope, condition, log } from '@temporalio/workflow';
import { refOf } from '../domain/plan.ts';
import type { Plan } from '../domain/plan.ts';
import { silentNote } from '../domain/policy/notes.ts';
import { living, telling } from './proxies.ts';

/** Nobody waits longer than this for Slack before the first effect. */
const patienceMs = 10_000;

/**
 * A message that Slack posts by itself when worker and server are gone for good: scheduled before the first
 * effect, pushed back while the saga lives, taken back at its end. An outage of Slack changes nothing.
 */
export class DeadMan {
  #plan: Plan | null = null;
  #signs: Promise<unknown> = Promise.resolve();
  #down = false;
  #heard = false;

  async arm(plan: Plan) {
    if (!plan.slack) return;
    this.#plan = plan;
    // An order to go back cancels the way forward, never the signs of life.
    const channel = plan.slack.incidents;
    this.#signs = CancellationScope.nonCancellable(() => this.#giveSigns(plan, channel));
    await condition(() => this.#heard, patienceMs);
  }

  /** Nothing is due any more. Throws what Slack said. */
  async standDown() {
    const { slack } = this.#plan ?? {};
    if (!this.#plan || !slack) return;
    this.#down = true;
    // A sign on its way, perhaps in another worker, would schedule the message again.
    await this.#signs;
    await telling.standDown({ deploy: refOf(this.#plan), channel: slack.incidents });
  }

  async #giveSigns(plan: Plan, channel: string) {
    const { silentMs, signOfLifeMs } = plan.timing;
    while (!this.#down) {
      const now = Date.now();
      const text = silentNote(plan, new Date(now).toISOString());
      const postAt = Math.ceil((now + silentMs) / 1000);
      await living
        .giveSignOfLife({ deploy: refOf(plan), channel, text, postAt })
        .catch((failure: unknown) =>
          log.warn('no sign of life at Slack', { failure: String(failure) }),
        );
      this.#heard = true;
      await condition(() => this.#down, signOfLifeMs);
    }
  }
}
