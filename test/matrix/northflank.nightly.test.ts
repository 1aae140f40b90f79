import { cellsOf } from './cells.ts';
import { sagaCells } from './define.ts';
import { northflank } from './northflank.platform.ts';

sagaCells([northflank], cellsOf);
