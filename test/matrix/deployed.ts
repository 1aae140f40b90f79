import { cellsOf } from './cells.ts';
import type { Cell, Matrix } from './cells.ts';
import { cloudflare } from './cloudflare.cells.ts';
import { northflank } from './northflank.cells.ts';
import { vercel } from './vercel.cells.ts';
import { vps } from './vps.cells.ts';

export const matrices: readonly Matrix[] = [northflank, vercel, cloudflare, vps];

/** The cells of a table that every run of `npm test` deploys as a whole. */
export const deployed = (matrix: Matrix): readonly Cell[] =>
  cellsOf(matrix).filter(({ row, column }) => row.deployedIn === column.name);
