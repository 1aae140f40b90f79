import { covering } from './cells.ts';
import { cloudflare } from './cloudflare.platform.ts';
import { sagaCells } from './define.ts';
import { northflank } from './northflank.platform.ts';
import { vercel } from './vercel.platform.ts';
import { vps } from './vps.platform.ts';

sagaCells([northflank, vercel, cloudflare, vps], covering);
