import { cellsOf } from './cells.ts';
import { sagaCells } from './define.ts';
import { vercel } from './vercel.platform.ts';

sagaCells([vercel], cellsOf);
