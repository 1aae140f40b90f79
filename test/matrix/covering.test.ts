import { describe, expect, test } from 'vitest';
import { cellName, cellsOf, columnsOf, covering, endingOf } from './cells.ts';
import type { Cell, Matrix } from './cells.ts';
import { deployed, matrices } from './deployed.ts';

const rowsOf = (cells: readonly Cell[]) => new Set(cells.map(({ row }) => row));
const columnsIn = (cells: readonly Cell[]) => new Set(cells.map(({ column }) => column));
const byName = (matrix: Matrix) => [matrix.platform, matrix] as const;

describe.each(matrices.map(byName))('the covering cells of %s', (_, matrix) => {
  const cells = covering(matrix);

  test('have every call and every fault', () => {
    expect(rowsOf(cells)).toEqual(new Set(matrix.rows));
    expect(columnsIn(cells)).toEqual(new Set(columnsOf(matrix)));
  });

  test('are cells of the matrix, each once, and no more than are needed', () => {
    const names = cells.map(cellName);
    expect(new Set(names).size).toBe(names.length);
    expect(cellsOf(matrix).map(cellName)).toEqual(expect.arrayContaining(names));
    expect(names).toHaveLength(Math.max(matrix.rows.length, columnsOf(matrix).length));
  });

  test('are the same every time', () => {
    expect(covering(matrix)).toEqual(cells);
  });
});

describe('the cells that every run deploys as a whole', () => {
  test.each(matrices.map(byName))('are one of %s', (_, matrix) => {
    expect(deployed(matrix)).toHaveLength(1);
  });

  test('end in every way, each after another fault', () => {
    const all = matrices.flatMap((matrix) => deployed(matrix));
    const endings = all.map(({ row, column }) => endingOf(row, column));
    expect(new Set(endings)).toEqual(new Set(['stuck, succeeded', 'succeeded', 'rolled-back']));
    expect(new Set(all.map(({ column }) => column.kind)).size).toBe(all.length);
  });
});
