import { describe } from 'vitest';
import { cloudflare } from './cloudflare.platform.ts';
import { lateCells } from './late.ts';
import { northflank } from './northflank.platform.ts';
import { vercel } from './vercel.platform.ts';
import { vps } from './vps.platform.ts';

describe.each([vercel, northflank, vps, cloudflare])(
  'a worker that wakes up late, on $matrix.platform',
  (platform) => {
    lateCells(platform);
  },
);
