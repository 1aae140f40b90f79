import { describe } from 'vitest';
import { cellsOf } from './cells.ts';
import { cloudflare } from './cloudflare.platform.ts';
import { adapterCells, sagaCells } from './define.ts';

describe('alone', () => {
  adapterCells(cloudflare);
});
describe('as whole deploys', () => {
  sagaCells([cloudflare], cellsOf);
});
