import { expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import { appendWithRetries } from '../../../activities/ledger/append-with-retries.ts';

const place = { deployId: 'd-1', project: 'shop', environment: 'production' };
const entry = (key: string, body: Record<string, unknown>) =>
  ({ ...place, kind: 'incident', key, body }) as const;

test('a secret in the words of a log is left out, and the rest is recorded', async () => {
  const ledger = await openLedger({ path: ':memory:' });
  const token = ['ghp', 'a1B2c3D4e5f6G7h8I9j0'].join('_');
  const body = { evidence: [`401 for ${token}`], severity: 'SEV2', rolledBackTo: null };
  await appendWithRetries(ledger)(entry('one', body));
  const [written] = await ledger.read({ limit: 1 });
  expect(written?.body).toEqual({
    evidence: ['401 for [a GitHub token, left out]'],
    severity: 'SEV2',
    rolledBackTo: null,
  });
  await ledger.close();
});

test('a ledger that is full is waited for: what happened is recorded once there is room', async () => {
  const ledger = await openLedger({ path: ':memory:', maxPages: 16 });
  const append = appendWithRetries(ledger);
  const big = { words: 'x'.repeat(100_000) };
  await expect(append(entry('two', big))).rejects.toMatchObject({
    nonRetryable: false,
    message: expect.stringMatching(
      /^The entry "two" waits for the ledger\. The ledger :memory: is full\. /,
    ),
  });
  await append(entry('two', { words: 'x' }));
  expect(await ledger.read({ limit: 9 })).toHaveLength(1);
  await ledger.close();
});

test('a key that is a secret stays refused for good', async () => {
  const ledger = await openLedger({ path: ':memory:' });
  const key = ['ghp', 'a1B2c3D4e5f6G7h8I9j0'].join('_');
  await expect(appendWithRetries(ledger)(entry(key, {}))).rejects.toMatchObject({
    type: 'Refused',
  });
  await ledger.close();
});
