import { CancellationScope, condition, log } from '@temporalio/workflow';
import { refOf } from '../domain/plan.ts';
import type { Claim, DeployStatus, Plan, SealedPlan, Standing } from '../domain/plan.ts';
import type { Page } from '../domain/activities.ts';
import {
  askFor,
  finalNote,
  frozenNote,
  parentNote,
  questionNote,
  stillStuckNote,
  stuckNote,
} from '../domain/policy/notes.ts';
import { deploymentState, frozenPage, questionPage, stuckPage } from '../domain/policy/page.ts';
import { redact } from '../domain/policy/redact.ts';
import { toRemind } from '../domain/policy/slack-door.ts';
import { replacedNote } from '../domain/policy/supersede.ts';
import { paging, recording, telling } from './proxies.ts';
import type { Ruled } from './slot.ts';

/** Words to people, in order, beside the saga: an outage of Slack neither fails nor delays a deploy. */
export class Notes {
  #last: Promise<unknown> = Promise.resolve();
  #atGithub: Promise<unknown> = Promise.resolve();
  #pending = 0;

  parent(status: DeployStatus) {
    this.#say(status, 'parent', parentNote(status), { parent: true, channel: 'deployments' });
  }

  page(status: DeployStatus) {
    const step = `stuck/${status.stuck?.since ?? status.phase}`;
    this.#say(status, step, stuckNote(status), { parent: false, channel: 'incidents' });
    if (status.sealed) this.#call(stuckPage(status, status.sealed.plan));
  }

  /** Nobody came yet: one more line below the first. */
  stillStuck(status: DeployStatus) {
    const step = `stuck/${Date.now()}`;
    this.#say(status, step, stillStuckNote(status), { parent: false, channel: 'incidents' });
  }

  /** GitHub's deployment shows how it stands. */
  deployment(status: DeployStatus) {
    const plan = status.sealed?.plan;
    if (!plan?.github) return;
    const act = () => telling.recordDeployment({ plan, ...deploymentState(status) });
    this.#atGithub = this.#beside('GitHub deployment', this.#atGithub, act);
  }

  final(status: DeployStatus) {
    this.line(status, 'final', finalNote(status));
  }

  /** Advisory work that nothing waits for but the end. */
  aside(what: string, act: () => Promise<unknown>) {
    void this.#beside(what, Promise.resolve(), act);
  }

  /** Never behind Slack: an outage there must not keep a person asleep. */
  #call(page: Page | null) {
    if (page) this.aside(page.title, () => paging.page(page));
  }

  question(status: DeployStatus) {
    const step = `ask/${Date.now()}`;
    this.#say(status, step, questionNote(status), { parent: false, channel: 'deployments' });
    if (status.sealed) this.#call(questionPage(status, status.sealed.plan, Date.now()));
  }

  /** Nothing goes back by itself: whoever is called has to sign it. */
  frozen(status: DeployStatus) {
    const step = `frozen/${Date.now()}`;
    this.#say(status, step, frozenNote(status), { parent: false, channel: 'incidents' });
    if (status.sealed) this.#call(frozenPage(status, status.sealed.plan, Date.now()));
  }

  line(status: DeployStatus, step: string, text: string) {
    this.#say(status, step, text, { parent: false, channel: 'deployments' });
  }

  /** The newest flag into the ledger; what is closed, and the incident, name it again. */
  flagged({ deployId, project, environment, sealed, flags = [] }: DeployStatus) {
    const body = { ...flags.at(-1), sha: sealed?.plan.sha };
    const key = `${deployId}/flag/${flags.length}`;
    const entry = { kind: 'flag', key, deployId, project, environment, body } as const;
    void this.#beside('flag', Promise.resolve(), () => recording.append(entry));
  }

  /** What became of a request for the slot; one that its requester signed is ruled on once and for all. */
  requested({ deployId, project, environment }: DeployStatus, { ruling, genuine, number }: Ruled) {
    const { verdict, requestedBy, sha } = ruling;
    const why = redact(ruling.why);
    const body = { verdict, why, requestedBy: redact(requestedBy), sha, genuine };
    const key = genuine ? `request/${ruling.nonce}/ruling` : `${deployId}/request/${number}`;
    const entry = { kind: 'request', key, deployId, project, environment, body } as const;
    this.aside('request', () => recording.append(entry));
  }

  /** Its owner hears that it gave way, with a mention. */
  replaced(plan: Plan, claim: Claim) {
    const channel = plan.slack?.deployments;
    if (!channel) return;
    const text = replacedNote(plan, claim);
    const to = plan.requestedBy;
    const note = { deploy: refOf(plan), step: 'replaced', channel, text, parent: false, to };
    this.#queue('replaced', () => telling.say(note));
  }

  askApprovers(sealed: SealedPlan) {
    const ask = () => telling.askApprovers({ sealed, reminder: false });
    this.#queue(askFor(sealed.plan, false), ask);
  }

  /** Only those who are still waited for. */
  remindApprovers(sealed: SealedPlan, { rulings }: DeployStatus) {
    const to = toRemind(sealed.plan.rule, rulings);
    const remind = () => telling.askApprovers({ sealed, reminder: true, to });
    this.#queue(askFor(sealed.plan, true), remind);
  }

  /** Only where there are buttons: they must not outlive the question. */
  answered(sealed: SealedPlan, { rulings }: DeployStatus, standing: Standing) {
    if (sealed.plan.rule.slack === undefined) return;
    const show = () => telling.showAnswers({ sealed, rulings: [...rulings], standing });
    this.#queue(`answers for ${sealed.plan.deployId}`, show);
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
    this.#last = this.#beside(what, this.#last, tell);
  }

  #beside(what: string, before: Promise<unknown>, act: () => Promise<unknown>) {
    this.#pending += 1;
    return CancellationScope.nonCancellable(async () => {
      await before;
      try {
        await act();
      } catch (failure) {
        log.warn(`could not say "${what}"`, { failure: String(failure) });
      } finally {
        this.#pending -= 1;
      }
    });
  }
}
