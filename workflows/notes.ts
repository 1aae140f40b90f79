import { CancellationScope, condition, log } from '@temporalio/workflow';
import { refOf } from '../domain/plan.ts';
import type { DeployStatus, SealedPlan } from '../domain/plan.ts';
import { askFor, parentNote, questionNote, stuckNote } from '../domain/policy/notes.ts';
import { telling } from './proxies.ts';

/** Words to people, in order, beside the saga: an outage of Slack neither fails nor delays a deploy. */
export class Notes {
  #last: Promise<unknown> = Promise.resolve();
  #pending = 0;

  parent(status: DeployStatus) {
    this.#say(status, 'parent', parentNote(status), { parent: true, channel: 'deployments' });
  }

  page(status: DeployStatus) {
    const step = `stuck/${status.stuck?.since ?? status.phase}`;
    this.#say(status, step, stuckNote(status), { parent: false, channel: 'incidents' });
  }

  question(status: DeployStatus) {
    const step = `ask/${Date.now()}`;
    this.#say(status, step, questionNote(status), { parent: false, channel: 'deployments' });
  }

  line(status: DeployStatus, step: string, text: string) {
    this.#say(status, step, text, { parent: false, channel: 'deployments' });
  }

  askApprovers(sealed: SealedPlan, reminder: boolean) {
    this.#queue(askFor(sealed.plan, reminder), () => telling.askApprovers({ sealed, reminder }));
  }

  /** What is still unsaid gets this long; the state of the deploy is in the Web UI all the same. */
  async finish(patienceMs: number) {
    await CancellationScope.nonCancellable(() => condition(() => this.#pending === 0, patienceMs));
  }

  #say(
    status: DeployStatus,
    step: string,
    text: string,
    where: { parent: boolean; channel: 'deployments' | 'incidents' },
  ) {
    const plan = status.sealed?.plan;
    const channel = plan?.slack?.[where.channel];
    if (!plan || !channel) return;
    const note = { deploy: refOf(plan), step, channel, text, parent: where.parent };
    this.#queue(step, () => telling.say(note));
  }

  #queue(what: string, tell: () => Promise<unknown>) {
    this.#pending += 1;
    const inOrder = async () => {
      await this.#last;
      try {
        await tell();
      } catch (failure) {
        log.warn(`could not say "${what}"`, { failure: String(failure) });
      } finally {
        this.#pending -= 1;
      }
    };
    this.#last = CancellationScope.nonCancellable(inOrder);
  }
}
