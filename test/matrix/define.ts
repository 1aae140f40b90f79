import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { onlyErrors } from '../support/lost-tasks.ts';
import { bundle } from '../support/saga.ts';
import { realServer } from '../support/real-server.ts';
import { runAdapter } from './adapter.ts';
import type { AdapterResult } from './adapter.ts';
import {
  cellName,
  cellsOf,
  adapterEffects,
  effectsOf,
  endingOf,
  adapterFailures,
} from './cells.ts';
import type { Cell, Matrix } from './cells.ts';
import { deployCells } from './saga.ts';
import type { CellResult } from './saga.ts';
import { inParallel, openStack } from './stack.ts';
import type { Stack, TestPlatform } from './stack.ts';

const named = (cells: readonly Cell[]): [string, Cell][] =>
  cells.map((cell) => [cellName(cell), cell]);

/**
 * The same cell with a good release. These tests call the rollback activity directly, so the
 * release need not be bad.
 */
const goodRelease = (cell: Cell): Cell => ({ ...cell, row: { ...cell.row, bad: false } });

const mostAtOnce = 12;

const retriedOnly: unknown = expect.not.arrayContaining([expect.stringMatching(/^final/)]);

/** Defines a test for every chosen cell of a platform. The test calls the activities directly. */
export function adapterCells(
  platform: TestPlatform,
  choose: (matrix: Matrix) => readonly Cell[] = cellsOf,
) {
  const cells = choose(platform.matrix).map(goodRelease);
  const seen = new Map<string, PromiseWithResolvers<AdapterResult>>();
  let stack: Stack | undefined;
  let work: Promise<void> = Promise.resolve();
  beforeAll(async () => {
    const opened = await openStack([platform], cells);
    stack = opened;
    for (const { id } of cells) seen.set(id, Promise.withResolvers<AdapterResult>());
    work = inParallel(cells, platform.parallel ?? mostAtOnce, async (cell) => {
      const { promise, resolve, reject } = seen.get(cell.id)!;
      promise.catch(() => {});
      await runAdapter(opened, cell).then(resolve, reject);
    });
  });
  afterAll(async () => {
    await work;
    await stack?.close();
  });

  test.each(named(cells))('%s', async (_, { id, row, column }) => {
    const failures = adapterFailures(row, column);
    expect(await seen.get(id)?.promise).toEqual({
      failures: failures === 'some' ? retriedOnly : failures,
      effects: adapterEffects(row, column),
      serves: row.adapter.serves,
      again: {},
    });
  });
}

const aCause: unknown = expect.stringMatching(/\S/);

/**
 * Defines a test for every chosen cell of the platforms. Each test checks a whole deploy. The
 * deploys run side by side.
 */
export function sagaCells(
  platforms: readonly TestPlatform[],
  choose: (matrix: Matrix) => readonly Cell[],
  hookTimeout = 900_000,
) {
  let env: TestWorkflowEnvironment;
  let seen: Map<string, CellResult>;
  beforeAll(async () => {
    onlyErrors();
    const code = await bundle();
    env = await realServer(inject('temporalBinary'));
    const cells = platforms.flatMap(({ matrix }) => choose(matrix));
    seen = await deployCells(env, code, platforms, cells);
  }, hookTimeout);
  afterAll(() => env?.teardown());

  for (const { matrix } of platforms)
    test.each(named(choose(matrix)))(`${matrix.platform}: %s`, (_, { id, row, column }) => {
      expect(seen.get(id)).toEqual({
        ending: endingOf(row, column),
        cause: column.every ? aCause : null,
        serves: row.bad ? 'old' : 'next',
        effects: effectsOf(matrix, row, column),
      });
    });
}
