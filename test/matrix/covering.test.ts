import { describe, expect, test } from 'vitest';
import { cellName, cellsOf, columnsOf, covering } from './cells.ts';
import type { Cell, Matrix } from './cells.ts';
import { deployed, deployedRows, matrices } from './deployed.ts';
import { vps } from './vps.cells.ts';

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
  test.each(matrices.map(byName))(
    'have every call of %s that is not left to the night',
    (_, matrix) => {
      expect(rowsOf(deployed(matrix))).toEqual(new Set(deployedRows(matrix)));
      expect(deployedRows(matrix).some(({ bad }) => bad)).toBe(true);
      expect(deployedRows(matrix).some(({ bad }) => !bad)).toBe(true);
    },
  );

  test('have every fault, over HTTP and over ssh', () => {
    const all = matrices.flatMap((matrix) => deployed(matrix));
    expect(columnsIn(all)).toEqual(new Set(matrices.flatMap(columnsOf)));
  });

  test('are no more than are needed', () => {
    const overHttp = matrices.filter((matrix) => matrix !== vps);
    expect(deployed(vps)).toHaveLength(columnsOf(vps).length);
    for (const matrix of overHttp)
      expect(deployed(matrix)).toHaveLength(deployedRows(matrix).length);
  });
});
