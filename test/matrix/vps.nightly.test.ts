import { describe } from 'vitest';
import { cellsOf } from './cells.ts';
import { adapterCells, sagaCells } from './define.ts';
import { vps } from './vps.platform.ts';

describe('alone', () => {
  adapterCells(vps);
});
describe('as whole deploys', () => {
  sagaCells([vps], cellsOf);
});
