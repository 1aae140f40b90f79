import { describe } from 'vitest';
import { cellsOf } from './cells.ts';
import { adapterCells, sagaCells } from './define.ts';
import { northflank } from './northflank.platform.ts';

describe('alone', () => {
  adapterCells(northflank);
});
describe('as whole deploys', () => {
  sagaCells([northflank], cellsOf);
});
