import { describe } from 'vitest';
import { cellsOf } from './cells.ts';
import { adapterCells, sagaCells } from './define.ts';
import { vercel } from './vercel.platform.ts';

describe('alone', () => {
  adapterCells(vercel);
});
describe('as whole deploys', () => {
  sagaCells([vercel], cellsOf);
});
