import { setTimeout as delay } from 'node:timers/promises';
import type { ApplicationFailure, Logger } from '@temporalio/common';
import { MockActivityEnvironment } from '../support/activity-environment.ts';
import type { PlainActivities } from '../../domain/contract/activities.ts';
import { finalFailures } from '../../domain/deploy/failures.ts';
import type { Target } from '../../domain/deploy/plan.ts';
import { callsOf, matchOf, untilMended } from './cells.ts';
import type { Call, Cell, Effects } from './cells.ts';
import { countOf, effectsOf, scaled, servedBy } from './stack.ts';
import type { Act, Place, Stack } from './stack.ts';

/** The result of a cell whose activities were called directly, without Temporal. */
export type AdapterResult = {
  /**
   * The failure type of each failed attempt, in order. The word "final" in front means that no
   * retry follows.
   */
  failures: string[];
  /** How often each effect happened on the service of the call, by name. */
  effects: Effects;
  /**
   * The commit that is served: `old`, `next` or another SHA; null = no commit, or this row does not
   * check the commit.
   */
  serves: string | null;
  /**
   * The effects of a repetition. The test makes the same calls once more, like a worker that
   * restarts after the effect.
   */
  again: Effects;
};

/**
 * The saga also makes five attempts of a forward step, with longer pauses between them. It makes
 * eight attempts of a rollback step.
 */
const mostAttempts = 5;
const pauseMs = 20;
const always = 1000;

const silent = Object.fromEntries(
  ['log', 'trace', 'debug', 'info', 'warn', 'error'].map((level) => [level, () => {}]),
) as unknown as Logger;

/**
 * Calls the activities that a row needs, in order. The row's own calls come last. These calls
 * suffer the fault and are retried as in the saga.
 */
export async function runAdapter(stack: Stack, cell: Cell): Promise<AdapterResult> {
  const { board } = stack.sandbox;
  const platform = stack.platformOf(cell);
  const waiting = callsOf(cell);
  const suffered: (() => Promise<unknown>)[] = [];
  const failures: string[] = [];
  let from = 0;
  const act: Untyped = async (name, input) => {
    const call = waiting.find(({ during }) => during === name);
    if (!call) return await retried(stack, name, input);
    waiting.splice(waiting.indexOf(call), 1);
    if (suffered.length === 0) from = board.effects.length;
    suffered.push(() => retried(stack, name, input));
    return await underFault({ stack, cell, call, failures }, name, input);
  };
  await platform.procedures[cell.row.name]?.(placeOf(stack, cell, act as Act), cell);
  const ofCall = (start: number) =>
    countOf(
      platform.matrix,
      effectsOf(stack, cell, start).filter(({ service }) => service === cell.row.service),
    );
  const effects = ofCall(from);
  const serves = cell.row.adapter.serves === null ? null : await servedBy(stack, cell);
  const end = board.effects.length;
  const { againIn } = cell.row.adapter;
  if (!againIn || againIn.includes(cell.column.name)) for (const again of suffered) await again();
  return { failures, effects, serves, again: ofCall(end) };
}

export function placeOf(stack: Stack, cell: Cell, act: Act): Place<Target> {
  const { sandbox } = stack;
  const { old, next } = stack.commitsOf(cell);
  const { id } = cell;
  const release = (sha: string) => ({ id: `${sha.slice(0, 12)}-00000000`, sha });
  return {
    id,
    sandbox,
    old,
    next,
    act,
    target: stack.platformOf(cell).target(sandbox, cell),
    deploy: { deployId: `d-${id}`, project: id, environment: 'production', sha: next },
    release: release(next),
    before: release(old),
    timing: scaled,
  };
}

type Untyped = (name: keyof PlainActivities, input: unknown) => Promise<unknown>;

/**
 * Makes one attempt of an activity. The activity id is the same at every attempt, as in Temporal.
 */
async function attempt(stack: Stack, name: keyof PlainActivities, input: unknown, number: number) {
  const verb = stack.activities[name] as ((input: unknown) => Promise<unknown>) | undefined;
  if (!verb) throw new Error(`the matrix has no activity ${name}`);
  const info = { attempt: number, scheduledTimestampMs: Date.now() };
  return await new MockActivityEnvironment(info, { logger: silent }).run(verb, input);
}

type Suffering = { stack: Stack; cell: Cell; call: Call; failures: string[] };

async function underFault(
  { stack, cell, call, failures }: Suffering,
  name: keyof PlainActivities,
  input: unknown,
): Promise<unknown> {
  const { board } = stack.sandbox;
  const { kind, on, every } = cell.column;
  const match = matchOf(cell, call);
  const times = every ? always : on === 'status' ? (call.lies ?? 1) : 1;
  board.arm({ service: call.service, match, kind, times });
  let failed = 0;
  const onFailure = ({ type, nonRetryable, message }: ApplicationFailure) => {
    failed += 1;
    const isFinal = nonRetryable || finalFailures.includes(type ?? '');
    failures.push(`${isFinal ? 'final ' : ''}${type ?? message}`);
    if (failed === untilMended && every) board.disarm(match);
  };
  return await retried(stack, name, input, onFailure);
}

/**
 * Retries an activity as the saga does. A final failure ends the retries. If the platform asks for
 * a longer pause, the next attempt waits for it.
 */
async function retried(
  stack: Stack,
  name: keyof PlainActivities,
  input: unknown,
  onFailure: (failure: ApplicationFailure) => void = () => {},
): Promise<unknown> {
  for (let number = 1; ; number += 1) {
    try {
      return await attempt(stack, name, input, number);
    } catch (cause) {
      const failure = cause as ApplicationFailure;
      onFailure(failure);
      const isFinal = failure.nonRetryable || finalFailures.includes(failure.type ?? '');
      if (isFinal || number === mostAttempts) throw cause;
      await delay(Math.max(pauseMs, Number(failure.nextRetryDelay ?? 0)));
    }
  }
}
