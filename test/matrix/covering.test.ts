import { describe, expect, test } from 'vitest';
import { cellName, cellsOf, columnsOf, covering } from './cells.ts';
import { cloudflare } from './cloudflare.cells.ts';
import { northflank } from './northflank.cells.ts';
import { vercel } from './vercel.cells.ts';
import { vps } from './vps.cells.ts';

describe.each(
  [northflank, vercel, cloudflare, vps].map((matrix) => [matrix.platform, matrix] as const),
)('the cells of %s that every run deploys', (_, matrix) => {
  const cells = covering(matrix);

  test('have every call and every fault', () => {
    const rows = new Set(cells.map(({ row }) => row));
    const columns = new Set(cells.map(({ column }) => column));
    expect(rows).toEqual(new Set(matrix.rows));
    expect(columns).toEqual(new Set(columnsOf(matrix)));
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
