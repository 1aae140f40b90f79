import { fileURLToPath } from 'node:url';
import { format } from 'oxfmt';
import { expect, test } from 'vitest';
import { realServices } from '../contract/document.ts';

const file = fileURLToPath(new URL('../../docs/real-services.md', import.meta.url));

test('the page of real calls is made from their tables (vitest FILE -u writes it)', async () => {
  const { code } = await format(file, realServices(), { printWidth: 100, singleQuote: true });
  await expect(code).toMatchFileSnapshot(file);
});
