import { CancellationScope, condition, log } from '@temporalio/workflow';
import { refOf } from '../domain/deploy/plan.ts';
import type { Claim, DeployStatus, Plan, SealedPlan, Standing } from '../domain/deploy/plan.ts';
import type { Page } from '../domain/contract/activities.ts';
import {
  askFor,
  finalNote,
  floodNote,
  rollbackApprovalNote,
  parentNote,
  questionNote,
  stillStuckNote,
  stuckNote,
} from '../domain/messages/slack-notes.ts';
import type { SignalCount } from '../domain/messages/slack-notes.ts';
import {
  floodPage,
  rollbackApprovalPage,
  questionPage,
  stuckPage,
} from '../domain/messages/page.ts';
import { deploymentState } from '../domain/messages/github-deployment.ts';
import { redact } from '../domain/lib/redact.ts';
import { toRemind } from '../domain/approval/slack-door.ts';
import { replacedNote } from '../domain/messages/supersede.ts';
import { paging, recording, notifying } from './proxies.ts';
import type { Ruled } from './lock.ts';

/**
 * Sends notifications to people, in order, while the deploy continues. An outage of Slack neither
 * fails nor delays a deploy.
 */
export class Notes {
  #last: Promise<unknown> = Promise.resolve();
  #atGithub: Promise<unknown> = Promise.resolve();
  #pending = 0;

  parent(status: DeployStatus) {
    this.#notify(status, 'parent', parentNote(status), { parent: true, channel: 'deployments' });
  }

  page(status: DeployStatus) {
    const step = `stuck/${status.stuck?.since ?? status.phase}`;
    this.#notify(status, step, stuckNote(status), { parent: false, channel: 'incidents' });
    if (status.sealed) this.#call(stuckPage(status, status.sealed.plan));
  }

  /** Sends another message to Slack, because nobody has answered yet. */
  stillStuck(status: DeployStatus) {
    const step = `stuck/${Date.now()}`;
    this.#notify(status, step, stillStuckNote(status), { parent: false, channel: 'incidents' });
  }

  /** Writes the state to the deployment at GitHub. */
  deployment(status: DeployStatus) {
    const plan = status.sealed?.plan;
    if (!plan?.github) return;
    const act = () => notifying.recordDeployment({ plan, ...deploymentState(status) });
    this.#atGithub = this.#beside('GitHub deployment', this.#atGithub, act);
  }

  final(status: DeployStatus) {
    this.line(status, 'final', finalNote(status));
  }

  /**
   * Runs `act` while the deploy continues. Only the end of the deploy waits for `act`. If `act`
   * fails, the failure is only written to the log.
   */
  aside(what: string, act: () => Promise<unknown>) {
    void this.#beside(what, Promise.resolve(), act);
  }

  /**
   * Sends the page, if `page` is not null. Does not wait for Slack, because an outage of Slack must
   * not delay the page.
   */
  #call(page: Page | null) {
    if (page) this.aside(page.title, () => paging.page(page));
  }

  question(status: DeployStatus) {
    const step = `ask/${Date.now()}`;
    this.#notify(status, step, questionNote(status), { parent: false, channel: 'deployments' });
    if (status.sealed) this.#call(questionPage(status, status.sealed.plan, Date.now()));
  }

  flooded(status: DeployStatus, { arrived, ignored }: SignalCount) {
    const text = floodNote(status, { arrived, ignored });
    this.#notify(status, 'flood', text, { parent: false, channel: 'incidents' });
    if (status.sealed) this.#call(floodPage(status, status.sealed.plan, { arrived, ignored }));
  }

  /**
   * Asks an approver to sign the rollback, in Slack and by a page. Nothing is rolled back
   * automatically.
   */
  rollbackApproval(status: DeployStatus) {
    const step = `rollback-approval/${Date.now()}`;
    this.#notify(status, step, rollbackApprovalNote(status), {
      parent: false,
      channel: 'incidents',
    });
    if (status.sealed) this.#call(rollbackApprovalPage(status, status.sealed.plan, Date.now()));
  }

  line(status: DeployStatus, step: string, text: string) {
    this.#notify(status, step, text, { parent: false, channel: 'deployments' });
  }

  /** Records the newest flag in the ledger. */
  flagged({ deployId, project, environment, sealed, flags = [] }: DeployStatus) {
    const body = { ...flags.at(-1), sha: sealed?.plan.sha };
    const key = `${deployId}/flag/${flags.length}`;
    const entry = { kind: 'flag', key, deployId, project, environment, body } as const;
    void this.#beside('flag', Promise.resolve(), () => recording.append(entry));
  }

  /**
   * Records the ruling on a request for the lock. A signed request gets only one entry, even if it
   * is sent twice.
   */
  requested({ deployId, project, environment }: DeployStatus, { ruling, genuine, number }: Ruled) {
    const { verdict, requestedBy, sha } = ruling;
    const why = redact(ruling.why);
    const body = { verdict, why, requestedBy: redact(requestedBy), sha, genuine };
    const key = genuine ? `request/${ruling.nonce}/ruling` : `${deployId}/request/${number}`;
    const entry = { kind: 'request', key, deployId, project, environment, body } as const;
    this.aside('request', () => recording.append(entry));
  }

  /**
   * Notifies the requester that another deploy replaced this deploy. The note mentions the
   * requester.
   */
  replaced(plan: Plan, claim: Claim) {
    const channel = plan.slack?.deployments;
    if (!channel) return;
    const text = replacedNote(plan, claim);
    const to = plan.requestedBy;
    const note = { deploy: refOf(plan), step: 'replaced', channel, text, parent: false, to };
    this.#queue('replaced', () => notifying.notify(note));
  }

  askApprovers(sealed: SealedPlan) {
    const ask = () => notifying.askApprovers({ sealed, reminder: false });
    this.#queue(askFor(sealed.plan, false), ask);
  }

  /** Reminds only people who have not answered. */
  remindApprovers(sealed: SealedPlan, { rulings }: DeployStatus) {
    const to = toRemind(sealed.plan.rule, rulings);
    const remind = () => notifying.askApprovers({ sealed, reminder: true, to });
    this.#queue(askFor(sealed.plan, true), remind);
  }

  /**
   * Shows the answers in Slack, and removes the buttons when the question is closed. Without
   * approvals in Slack, does nothing.
   */
  answered(sealed: SealedPlan, { rulings }: DeployStatus, standing: Standing) {
    if (sealed.plan.rule.slack === undefined) return;
    const show = () => notifying.showAnswers({ sealed, rulings: [...rulings], standing });
    this.#queue(`answers for ${sealed.plan.deployId}`, show);
  }

  /**
   * Waits at most `timeLimitMs` for unsent notifications. The Web UI shows the state of the deploy,
   * even if a notification was not sent.
   */
  async finish(timeLimitMs: number) {
    await CancellationScope.nonCancellable(() => condition(() => this.#pending === 0, timeLimitMs));
  }

  #notify(
    status: DeployStatus,
    step: string,
    text: string,
    where: { parent: boolean; channel: 'deployments' | 'incidents' },
  ) {
    const plan = status.sealed?.plan;
    const channel = plan?.slack?.[where.channel];
    if (!plan || !channel) return;
    const note = { deploy: refOf(plan), step, channel, text, parent: where.parent };
    this.#queue(step, () => notifying.notify(note));
  }

  #queue(what: string, tell: () => Promise<unknown>) {
    this.#last = this.#beside(what, this.#last, tell);
  }

  #beside(what: string, before: Promise<unknown>, act: () => Promise<unknown>) {
    this.#pending += 1;
    return CancellationScope.nonCancellable(async () => {
      await before;
      try {
        await act();
      } catch (failure) {
        log.warn(`could not send "${what}"`, { failure: String(failure) });
      } finally {
        this.#pending -= 1;
      }
    });
  }
}
