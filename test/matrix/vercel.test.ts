import { covering } from './cells.ts';
import { adapterCells } from './define.ts';
import { vercel } from './vercel.platform.ts';

adapterCells(vercel, covering);
