import { CancellationScope, condition, log } from '@temporalio/workflow';
import { refOf } from '../domain/deploy/plan.ts';
import type { Plan } from '../domain/deploy/plan.ts';
import { silentNote } from '../domain/messages/slack-notes.ts';
import { living, notifying } from './proxies.ts';

/** The longest time that the deploy waits for Slack before the first effect, in milliseconds. */
const timeLimitMs = 10_000;

/**
 * A message that Slack posts at a scheduled time. The deploy schedules the message before the first
 * effect. While the deploy runs, it postpones the message again and again, and at its end it
 * deletes the message. So Slack posts the message only if the worker or the Temporal server has
 * stopped. An outage of Slack does not stop the deploy.
 */
export class DeadMansSwitch {
  #plan: Plan | null = null;
  #updates: Promise<unknown> = Promise.resolve();
  #down = false;
  #heard = false;

  async arm(plan: Plan) {
    if (!plan.slack) return;
    this.#plan = plan;
    // A rollback cancels the forward scope, but must not cancel these updates.
    const channel = plan.slack.incidents;
    this.#updates = CancellationScope.nonCancellable(() => this.#update(plan, channel));
    await condition(() => this.#heard, timeLimitMs);
  }

  /** Deletes all scheduled messages. Throws the error of Slack if Slack refuses. */
  async clear() {
    const { slack } = this.#plan ?? {};
    if (!this.#plan || !slack) return;
    this.#down = true;
    // Another worker may still run an update, and this update would schedule the message again. So
    // wait until the update ends.
    await this.#updates;
    await notifying.clearDeadMansSwitch({ deploy: refOf(this.#plan), channel: slack.incidents });
  }

  async #update(plan: Plan, channel: string) {
    const { silentMs, deadMansSwitchMs } = plan.timing;
    while (!this.#down) {
      const now = Date.now();
      const text = silentNote(plan, new Date(now).toISOString());
      const postAt = Math.ceil((now + silentMs) / 1000);
      await living
        .setDeadMansSwitch({ deploy: refOf(plan), channel, text, postAt })
        .catch((failure: unknown) =>
          log.warn("the dead man's switch could not be set at Slack", { failure: String(failure) }),
        );
      this.#heard = true;
      await condition(() => this.#down, deadMansSwitchMs);
    }
  }
}
