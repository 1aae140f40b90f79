import { plimsoll } from '../deploy/wire.ts';
import type { SealedPlan } from '../deploy/plan.ts';
import type { SlackButton, SlackClick } from '../config/config.ts';

/** One click in Slack. `button` is null if Plimsoll did not write the button's value. */
export type Click = SlackClick & { verb: 'approve' | 'reject'; button: SlackButton | null };

/** The configured Slack workspace, and the names of people by their Slack member id. */
export type Members = {
  team: string;
  approvers: ReadonlyMap<string, string>;
  requesters: ReadonlyMap<string, string>;
};

/** The facts that the Temporal server has about the current deploy. */
export type Asked = {
  running: boolean;
  phase: string;
  sealed: SealedPlan | null;
  /** true: the plan matches its digest, and is for this project and environment. */
  genuine: boolean;
  /** true: the workflow tasks of the deploy fail, so it would not process a decision. */
  failing: boolean;
};

/**
 * The greatest age of a click that counts, in milliseconds. Slack's own signatures are valid for
 * the same time.
 */
export const freshMs = 5 * 60_000;

/**
 * Returns the approver who clicked. If the click is refused, returns a text that says why and what
 * to do.
 */
export function whoClicked(
  { user, team, button }: Click,
  members: Members,
): { approver: string } | { refused: string } {
  const byKey = `Sign the plan by key instead: ${order('approve', button)}`;
  if (team !== members.team)
    return refuse(`It came from the Slack workspace ${team}, not from ${members.team}.`, byKey);
  const approver = members.approvers.get(user);
  if (approver !== undefined) return { approver };
  const agent = members.requesters.get(user);
  if (agent !== undefined)
    return refuse(
      `${agent} is an agent: it may request deploys, but never approve.`,
      `See who may approve: ${order('status', button)}`,
    );
  return refuse(
    `No approver has the member id ${user}.`,
    `Is this id yours? Add it to your name in the worker's plimsoll.yaml (slack: ${user}). ${byKey}`,
  );
}

/**
 * Returns the reason why the time of a click is wrong: the click is too old, or its time lies in
 * the future. null: the time is right.
 */
export function whyNotFresh({ action, button }: Click, now: number): string | null {
  const at = Number(action) * 1000;
  const minutes = Math.round(Math.abs(now - at) / 60_000);
  if (at > now + freshMs)
    return words(
      `It is dated ${minutes} min ahead of the worker's clock.`,
      `Correct the clock of the worker's machine, or sign by key with: ${order('approve', button)}`,
    );
  if (at < now - freshMs)
    return words(
      `It is ${minutes} min old, but a click counts for only ${freshMs / 60_000} min.`,
      'Click again.',
    );
  return null;
}

/**
 * Returns the reason why the question of this click is not open now; null: the question is open.
 */
export function whyNotAsked(
  { button, verb }: Click,
  asked: Asked | null,
  now: number,
): string | null {
  if (!button)
    return words(
      'Plimsoll did not make this button.',
      `See whether a deploy waits: ${plimsoll} status PROJECT ENVIRONMENT`,
    );
  const where = `${button.project} ${button.environment}`;
  const next = `See the current deploy: ${order('status', button)}`;
  if (!asked?.sealed) return words(`Nothing waits for a decision in ${where}.`, next);
  const { plan, digest } = asked.sealed;
  if (plan.deployId !== button.deployId)
    return words(
      `It is for the deploy ${button.deployId}; the current deploy is ${plan.deployId}.`,
      next,
    );
  if (asked.failing)
    return words(
      `Plimsoll cannot continue the deploy of ${where}, so it would not process the click.`,
      `End the deploy and finish its rollback: ${order('recover', button)}`,
    );
  if (!asked.running || asked.phase !== 'approval')
    return words(`${where} no longer waits for a decision: the deploy is ${ended(asked)}.`, next);
  if (!asked.genuine)
    return words(
      `The plan of ${where} does not match its digest ${short(digest)}.`,
      `End the deploy, then deploy again: ${order('abort', button)}`,
    );
  if (digest !== button.digest)
    return words(
      `It is for the plan with digest ${short(button.digest)}, not for ${short(digest)}.`,
      `Read the newest plan, then sign it: ${order(verb, button)}`,
    );
  return now > Date.parse(plan.notAfter)
    ? words(`The plan expired at ${plan.notAfter}.`, `Deploy again: ${order('deploy', button)}`)
    : null;
}

const ended = ({ running, phase }: Asked) => (running ? `in ${phase}` : 'closed');

const short = (digits: string) => digits.slice(0, 12);
const words = (why: string, next: string) =>
  `This click does not count. ${why} Nothing changed.\n${next}`;
const refuse = (why: string, next: string) => ({ refused: words(why, next) });

const order = (verb: string, button: SlackButton | null) =>
  `${plimsoll} ${verb} ${button?.project ?? 'PROJECT'} ${button?.environment ?? 'ENVIRONMENT'}`;
