import { expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import { createRound, keepLinked } from '../../../worker/ledger/keep-linked.ts';
import { entry } from '../../activities/ledger/ledger-fixture.ts';
import { freshSeals } from '../../support/seals.ts';

test('the first round records the key and links; a round links at most once in 50 s', async () => {
  const ledger = await openLedger({ path: ':memory:' }, freshSeals());
  const round = createRound({ ledger, anchor: null });
  const now = Date.now();
  expect(await round(now)).toBeNull();
  expect(await ledger.verify()).toMatchObject({ ok: true, entries: 1, linked: { seq: 1 } });
  await ledger.append(entry('a'));
  expect(await round(now + 49_000)).toBeNull();
  expect(await ledger.verify()).toMatchObject({ linked: { seq: 1 }, tail: { rows: 1 } });
  expect(await round(now + 50_000)).toBeNull();
  expect(await ledger.verify()).toMatchObject({ linked: { seq: 2 }, tail: null });
  await ledger.close();
});

test('a wrong row is said once, and the loop ends with its signal', async () => {
  const wrong = { ok: false, seq: 2, why: 'row 2 is wrong', verified: 1 } as const;
  const said: string[] = [];
  const ending = new AbortController();
  const ledger = {
    recordKeys: async () => null,
    link: async () => ({ link: null, wrong }),
    contains: async () => true,
    whyForged: async () => null,
  };
  const ended = keepLinked(
    { ledger, anchor: null, warn: (line) => said.push(line) },
    ending.signal,
  );
  await expect.poll(() => said).toHaveLength(1);
  ending.abort();
  await ended;
  expect(said).toEqual([
    'The ledger was changed: row 2 is wrong. This worker links and anchors no more rows.\n' +
      'See what is wrong and what to do: plimsoll history --verify',
  ]);
});
