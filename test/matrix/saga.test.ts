import { sagaCells } from './define.ts';
import { deployed } from './deployed.ts';
import { cloudflare } from './cloudflare.platform.ts';
import { northflank } from './northflank.platform.ts';
import { vercel } from './vercel.platform.ts';
import { vps } from './vps.platform.ts';

sagaCells([northflank, vercel, cloudflare, vps], deployed);
