import type { Entry } from '../activities.ts';
import { plimsoll } from '../messages.ts';
import type { Plan } from '../plan.ts';
import { judgeAlone, type AloneCase, type AloneWords } from './alone.ts';
import type { Judgement } from './approval.ts';
import { giveReason } from './freeze.ts';
import { isOwnReason } from './reason.ts';

/** The line is stopped: nothing new ships, in no project. `key` names its row in the ledger. */
export type Stop = {
  key: string;
  by: string;
  reason: string;
  at: string;
  /** Who lifted it with a signature that counts no more, and why it does not. */
  notLifted?: string;
};

export const stopKinds = ['stopped', 'resumed'] as const;

/**
 * Of all rows of those kinds, newest first. A lift ends the stop that it names, and what was before that;
 * `invalid` says why its signature counts no more.
 */
export function standingStop(
  entries: readonly Pick<Entry, 'kind' | 'key' | 'at' | 'body'>[],
): Stop | null {
  const newest = entries.find(({ kind }) => kind === 'stopped');
  if (!newest) return null;
  const { key, at, body } = newest;
  const lifts = entries.filter((it) => it.kind === 'resumed' && it.body['stop'] === key);
  if (lifts.some((lift) => lift.body['invalid'] === undefined)) return null;
  const stop = { key, at, by: String(body['by']), reason: String(body['reason']) };
  const [lift] = lifts;
  if (!lift) return stop;
  return { ...stop, notLifted: `${String(lift.body['by'])}: ${String(lift.body['invalid'])}` };
}

const told = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

export const stopWords = ({ by, at, reason, notLifted }: Stop) =>
  `the line is stopped by ${by} since ${told(at)}: "${reason}"` +
  (notLifted === undefined ? '' : `; a lift counts no more, of ${notLifted}`);

export const liftCommand = `${plimsoll} stop-line "why it is safe" --lift`;

type Asked = Pick<Plan, 'priority' | 'reason'>;

/** Nothing new ships while it stands. A hotfix with a reason of its own may; it is said. */
export function judgeStop(stop: Stop, { priority, reason }: Asked) {
  const what = stopWords(stop);
  if (priority === 'P0' && isOwnReason(reason))
    return { open: true, reasons: [`P0 goes through, for "${reason}": ${what}`] };
  const next =
    priority === 'P0'
      ? giveReason
      : `Deploy again when an approver has lifted it: ${liftCommand}; ` +
        'a hotfix goes with --priority P0, a --reason and one more approver.';
  return { open: false, reasons: [`${what}. ${next}`] };
}

/** Why a hotfix needs one more approver; null: the line runs. */
export const throughStop = (stop: Stop | null): string | null =>
  stop && `one more approver: it goes through the stop of ${stop.by}, "${stop.reason}"`;

type Planned = Asked & Pick<Plan, 'project' | 'environment' | 'ref' | 'stopped'>;

/** Right before the first effect. Only a hotfix whose approvers saw this very stop goes on; null: it does. */
export function stopAtLast(plan: Planned, stop: Stop | null): string | null {
  if (!stop) return null;
  const judged = judgeStop(stop, plan);
  const seen = plan.stopped?.key === stop.key;
  if (judged.open && seen) return null;
  const { project, environment, ref } = plan;
  const why = judged.open
    ? `${stopWords(stop)}. Its approvers did not see this stop; ask them again: ` +
      `${plimsoll} deploy ${project} ${environment} --ref ${ref} --priority P0 --reason "why it cannot wait"`
    : judged.reasons.join('; ');
  return `stop: ${why}`;
}

export type StopCase = AloneCase & { reason: string };

const stopping: AloneWords = {
  subject: 'stop',
  noun: 'a stop',
  verb: 'stop the line',
  byItself: 'the line runs by itself',
  parts: 'reason',
  free: true,
};

/** Does this stop count, and if not, why. */
export const judgeStopping = (it: StopCase): Judgement =>
  judgeAlone(it, stopping, {
    own: null,
    counts: `${it.decision.approver} stops the line: "${it.reason}"`,
  });

const resuming: AloneWords = {
  subject: 'resume',
  noun: 'a lift',
  verb: 'lift a stop',
  byItself: 'a stop stays by itself',
  parts: 'stop or reason',
};

/** Does the lift of the stop that stands count, and if not, why. */
export function judgeResuming(it: AloneCase & { stop: Stop | null }): Judgement {
  const { decision, stop } = it;
  const counts = `${decision.approver} lifts the stop of ${stop?.by}, "${stop?.reason}"`;
  return judgeAlone(it, resuming, { own: wrongStop(it), counts });
}

function wrongStop({ decision, stop }: Parameters<typeof judgeResuming>[0]): string | null {
  if (!stop) return 'the line is not stopped';
  return stop.key === decision.deployId ? null : 'it is for another stop, which stands no more';
}
