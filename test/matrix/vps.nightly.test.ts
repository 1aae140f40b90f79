import { cellsOf } from './cells.ts';
import { sagaCells } from './define.ts';
import { vps } from './vps.platform.ts';

sagaCells([vps], cellsOf);
