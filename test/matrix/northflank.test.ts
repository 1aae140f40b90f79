import { adapterCells } from './define.ts';
import { northflank } from './northflank.platform.ts';

adapterCells(northflank);
