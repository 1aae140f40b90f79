import { covering } from './cells.ts';
import type { Cell, Matrix } from './cells.ts';
import { cloudflare } from './cloudflare.cells.ts';
import { northflank } from './northflank.cells.ts';
import { vercel } from './vercel.cells.ts';
import { vps } from './vps.cells.ts';

export const matrices: readonly Matrix[] = [northflank, vercel, cloudflare, vps];

/** The rows of which every run of `npm test` makes a whole deploy. */
export const deployedRows = ({ rows }: Matrix) => rows.filter(({ nightly }) => !nightly);

const cells = covering(...matrices.map((matrix) => ({ ...matrix, rows: deployedRows(matrix) })));

/** The cells of a table that every run of `npm test` deploys as a whole. */
export const deployed = ({ id }: Matrix): readonly Cell[] =>
  cells.filter(({ platform }) => platform === id);
