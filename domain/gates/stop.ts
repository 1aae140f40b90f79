import { shellWord } from '../lib/shell-word.ts';
import type { Entry } from '../contract/activities.ts';
import { plimsoll } from '../deploy/wire.ts';
import { liftCommand, stopWords } from '../messages/parts/stop.ts';
import type { Plan, Stop } from '../deploy/plan.ts';
import { judgeStandalone } from '../approval/standalone-decision.ts';
import type { StandaloneCase, StandaloneWords } from '../approval/standalone-decision.ts';
import type { Judgement } from '../approval/approval.ts';
import { giveReason } from './freeze.ts';
import { isOwnReason } from '../deploy/reason.ts';

export const stopKinds = ['stopped', 'resumed'] as const;

/**
 * Returns the stop that is in force; null: the line is not stopped. `entries` are all entries of
 * `stopKinds`, newest first. A lift ends the stop that it names and all earlier stops. A lift with
 * `invalid` does not count: `invalid` is the reason why its signature is no longer valid.
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

type Asked = Pick<Plan, 'priority' | 'reason'>;

/**
 * Closes the gate while the line is stopped. A hotfix with its own reason passes, and the report
 * names the stop.
 */
export function judgeStop(stop: Stop, { priority, reason }: Asked) {
  const what = stopWords(stop);
  if (priority === 'P0' && isOwnReason(reason))
    return {
      open: true,
      reasons: [
        `a P0 deploy is allowed while the line is stopped (its reason: "${reason}"): ${what}`,
      ],
    };
  const next =
    priority === 'P0'
      ? giveReason
      : `Deploy again when an approver has lifted the stop: ${liftCommand}. A hotfix needs ` +
        '--priority P0, a --reason and one more approver.';
  return { open: false, reasons: [`${what}. ${next}`] };
}

/** Returns the reason why a hotfix needs one more approver; null: the line is not stopped. */
export const throughStop = (stop: Stop | null): string | null =>
  stop && `one more approver: this hotfix passes the stop of ${stop.by}, "${stop.reason}"`;

type Planned = Asked & Pick<Plan, 'project' | 'environment' | 'ref' | 'stopped'>;

/**
 * Checks the stop right before the first effect. Returns the reason to refuse the deploy; null: the
 * deploy may continue. While the line is stopped, only a hotfix whose approvers saw this stop may
 * continue.
 */
export function stopAtLast(plan: Planned, stop: Stop | null): string | null {
  if (!stop) return null;
  const judged = judgeStop(stop, plan);
  const seen = plan.stopped?.key === stop.key;
  if (judged.open && seen) return null;
  const { project, environment, ref } = plan;
  const why = judged.open
    ? `${stopWords(stop)}. The approvers did not see this stop. Ask the approvers again: ` +
      `${plimsoll} deploy ${project} ${environment} --ref ${shellWord(ref)} --priority P0 ` +
      '--reason "why it cannot wait"'
    : judged.reasons.join('; ');
  return `stop: ${why}`;
}

export type StopCase = StandaloneCase & { reason: string };

const stopping: StandaloneWords = {
  subject: 'stop',
  noun: 'a stop',
  verb: 'stop the line',
  byItself: 'only a signed stop stops the line',
  parts: 'reason',
  free: true,
};

/** Judges whether this signed stop counts. If the stop does not count, `why` is the reason. */
export const judgeStopping = (it: StopCase): Judgement =>
  judgeStandalone(it, stopping, {
    own: null,
    counts: `${it.decision.approver} stops the line: "${it.reason}"`,
  });

const resuming: StandaloneWords = {
  subject: 'resume',
  noun: 'a lift',
  verb: 'lift a stop',
  byItself: 'a stop stays in force until it is lifted',
  parts: 'stop or reason',
};

/**
 * Judges whether the signed lift of the current stop counts. If the lift does not count, `why` is
 * the reason.
 */
export function judgeResuming(it: StandaloneCase & { stop: Stop | null }): Judgement {
  const { decision, stop } = it;
  const counts = `${decision.approver} lifts the stop of ${stop?.by}, "${stop?.reason}"`;
  return judgeStandalone(it, resuming, { own: wrongStop(it), counts });
}

function wrongStop({ decision, stop }: Parameters<typeof judgeResuming>[0]): string | null {
  if (!stop) return 'the line is not stopped';
  return stop.key === decision.deployId
    ? null
    : 'the lift is for another stop, which is no longer in force';
}
