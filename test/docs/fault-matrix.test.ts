import { fileURLToPath } from 'node:url';
import { format } from 'oxfmt';
import { expect, test } from 'vitest';
import { cloudflare } from '../matrix/cloudflare.cells.ts';
import { faultMatrix } from '../matrix/document.ts';
import { northflank } from '../matrix/northflank.cells.ts';
import { vercel } from '../matrix/vercel.cells.ts';
import { vps } from '../matrix/vps.cells.ts';

const file = fileURLToPath(new URL('../../docs/fault-matrix.md', import.meta.url));

test('the fault matrix is what its tests hold every cell to (vitest FILE -u writes it)', async () => {
  const { code } = await format(file, faultMatrix([northflank, vercel, cloudflare, vps]), {
    printWidth: 100,
    singleQuote: true,
  });
  await expect(code).toMatchFileSnapshot(file);
});
