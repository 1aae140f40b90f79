import { covering } from './cells.ts';
import { adapterCells } from './define.ts';
import { northflank } from './northflank.platform.ts';

adapterCells(northflank, covering);
