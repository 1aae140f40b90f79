import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApplicationFailure, Logger } from '@temporalio/common';
import { beforeEachChange, inAttempt } from '../../activities/lib/attempt.ts';
import { clocks } from '../../activities/lib/clocks.ts';
import { MockActivityEnvironment } from '../support/activity-environment.ts';
import { kinds } from '../../domain/contract/kinds.ts';
import { columnsOf } from './cells.ts';
import type { Cell, Row } from './cells.ts';
import { placeOf } from './adapter.ts';
import { effectsOf, openStack, servedBy } from './stack.ts';
import type { Act, Stack, TestPlatform } from './stack.ts';

const pauseMs = 18_000;
const silent = Object.fromEntries(
  ['log', 'trace', 'debug', 'info', 'warn', 'error'].map((level) => [level, () => {}]),
) as unknown as Logger;

type Verb = (input: unknown) => Promise<unknown>;
const run = (work: Verb, input: unknown) =>
  new MockActivityEnvironment({ heartbeatTimeoutMs: 10_000 }, { logger: silent }).run(work, input);

/** Thrown to end the procedure after the activity that was paused. */
class Enough extends Error {}

/** The effects in the rows, each once, with the first row in which it happens. */
const effectsIn = (rows: readonly Row[]) => [
  ...new Map(
    rows
      .flatMap((row) =>
        [row, ...(row.later ?? [])].map(({ during }): [string, Row] => [during, row]),
      )
      .filter(([name]) => kinds[name as keyof typeof kinds] === 'effect')
      .toReversed(),
  ),
];

/**
 * Defines a test for every effect of a platform. The worker is paused in this activity, right before
 * its first change. After the pause, the activity must change nothing.
 */
export function lateCells({ matrix, ...platform }: TestPlatform) {
  const [column] = columnsOf(matrix);
  const cells = effectsIn(matrix.rows).map(([during, row], at) => ({
    ...{ id: `late-${matrix.id}-${at}`, platform: matrix.id, column: column! },
    row: { ...row, bad: false, during } as Row,
  }));
  const usual = { ...clocks };
  let stack: Stack;
  let jumpMs = 0;
  beforeAll(async () => {
    clocks.wall = () => usual.wall() + jumpMs;
    stack = await openStack([{ matrix, ...platform }], cells);
  });
  afterAll(async () => {
    Object.assign(clocks, usual);
    await stack?.close();
  });

  const seen = async (cell: Cell) => ({
    effects: effectsOf(stack, cell).length,
    served: await servedBy(stack, cell),
  });

  const named = cells.map((cell): [string, string, Cell] => [cell.row.during, cell.row.name, cell]);
  test.each(named)('%s changes nothing after a pause (%s)', async (during, _, cell) => {
    let paused = 0;
    const act = async (name: string, input: unknown) => {
      const verb = stack.activities[name as keyof typeof stack.activities] as unknown as Verb;
      if (name !== during) return await run(verb, input);
      const before = await seen(cell);
      const failure = await run(
        (given) =>
          inAttempt(async () => {
            beforeEachChange(async () => {
              paused += 1;
              jumpMs += pauseMs;
            });
            return await verb(given);
          }),
        input,
      ).catch((cause: unknown) => cause as ApplicationFailure);
      expect(failure).toMatchObject({
        ...{ type: 'Unavailable', nonRetryable: false },
        message: expect.stringMatching(/^The worker was paused for 1[89] s in this step/),
      });
      expect(await seen(cell)).toEqual(before);
      throw new Enough();
    };
    const place = placeOf(stack, cell, act as Act);
    const done = platform.procedures[cell.row.name]?.(place, cell);
    await expect(done).rejects.toBeInstanceOf(Enough);
    expect(paused).toBe(1);
  });
}
