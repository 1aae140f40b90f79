import { covering } from './cells.ts';
import { cloudflare } from './cloudflare.platform.ts';
import { adapterCells } from './define.ts';

adapterCells(cloudflare, covering);
