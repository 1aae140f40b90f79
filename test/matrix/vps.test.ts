import { covering } from './cells.ts';
import { adapterCells } from './define.ts';
import { vps } from './vps.platform.ts';

adapterCells(vps, covering);
