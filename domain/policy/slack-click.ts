import { plimsoll } from '../messages.ts';
import type { SealedPlan } from '../plan.ts';
import type { SlackButton, SlackClick } from '../schema.ts';

/** One click as it arrived; `button` null: its value is none of ours. */
export type Click = SlackClick & { verb: 'approve' | 'reject'; button: SlackButton | null };

/** Names by member id, as configured at this moment. */
export type Members = {
  team: string;
  approvers: ReadonlyMap<string, string>;
  requesters: ReadonlyMap<string, string>;
};

/** What the server knows of the deploy that is there now. */
export type Asked = {
  running: boolean;
  phase: string;
  sealed: SealedPlan | null;
  /** Its plan is the one of its digest, and of this place. */
  genuine: boolean;
};

/** As long as Slack's own signatures live. */
export const freshMs = 5 * 60_000;

/** Who clicked; or why nobody known did, and what to do. */
export function whoClicked(
  { user, team, button }: Click,
  members: Members,
): { approver: string } | { refused: string } {
  const byKey = `Sign it by key instead: ${order('approve', button)}`;
  if (team !== members.team)
    return refuse(`It came from the Slack workspace ${team}, not from ${members.team}.`, byKey);
  const approver = members.approvers.get(user);
  if (approver !== undefined) return { approver };
  const agent = members.requesters.get(user);
  if (agent !== undefined)
    return refuse(
      `${agent} is an agent: it may request, never approve.`,
      `Who may: ${order('status', button)}`,
    );
  return refuse(
    `No approver has the member id ${user}.`,
    `Is it yours? Add it to your name in the worker's plimsoll.yaml (slack: ${user}). ${byKey}`,
  );
}

/** Neither one that somebody kept, nor one that is still to come; null: it is fresh. */
export function whyNotFresh({ action, button }: Click, now: number): string | null {
  const at = Number(action) * 1000;
  const minutes = Math.round(Math.abs(now - at) / 60_000);
  if (at > now + freshMs)
    return words(
      `It is dated ${minutes} min ahead of the worker's clock.`,
      `Set the clock of the worker's machine, or sign by key: ${order('approve', button)}`,
    );
  if (at < now - freshMs)
    return words(
      `It is ${minutes} min old, and a click counts for ${freshMs / 60_000}.`,
      'Click once more.',
    );
  return null;
}

/** Is exactly this asked, now? null: it is. */
export function whyNotAsked(
  { button, verb }: Click,
  asked: Asked | null,
  now: number,
): string | null {
  if (!button)
    return words(
      'Its button is none that Plimsoll made.',
      `See what waits: ${plimsoll} status PROJECT ENVIRONMENT`,
    );
  const where = `${button.project} ${button.environment}`;
  const look = `See what is there: ${order('status', button)}`;
  if (!asked?.sealed) return words(`Nothing waits for a decision in ${where}.`, look);
  const { plan, digest } = asked.sealed;
  if (plan.deployId !== button.deployId)
    return words(`It is for the deploy ${button.deployId}; ${plan.deployId} is there now.`, look);
  if (!asked.running || asked.phase !== 'approval')
    return words(`${where} is not asking any more: it is ${ended(asked)}.`, look);
  if (!asked.genuine)
    return words(
      `The plan of ${where} does not match its digest ${short(digest)}.`,
      `End it, and deploy again: ${order('abort', button)}`,
    );
  if (digest !== button.digest)
    return words(
      `It is for another plan (digest ${short(button.digest)}); this one is ${short(digest)}.`,
      `Read the newest, then sign it: ${order(verb, button)}`,
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
