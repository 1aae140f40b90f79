import { expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import { createPaging, createRound, keepLinked } from '../../../worker/ledger/keep-linked.ts';
import { entry } from '../../activities/ledger/ledger-fixture.ts';
import { freshSeals } from '../../support/seals.ts';

/** The pages and notes that were delivered, and what sends them. */
function pager(warn: (line: string) => void, pages: unknown[] = []) {
  const config = { slack: { incidents: '#incidents' } } as never;
  const deliver = async (it: unknown) => {
    pages.push(it);
    return { reached: [], failed: [] };
  };
  const activities = { page: deliver, notify: deliver as () => Promise<never> };
  return { pages, config, activities, warn };
}

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

test('a wrong row is said once and pages people, and the loop ends with its signal', async () => {
  const wrong = { ok: false, seq: 2, why: 'row 2 is wrong', verified: 1 } as const;
  const said: string[] = [];
  const ending = new AbortController();
  const ledger = {
    recordKeys: async () => null,
    link: async () => ({ link: null, wrong }),
    contains: async () => true,
    whyForged: async () => null,
  };
  const { pages, ...paging } = pager((line) => said.push(line));
  const ended = keepLinked({ ledger, anchor: null, ...paging }, ending.signal);
  await expect.poll(() => pages).toHaveLength(2);
  ending.abort();
  await ended;
  expect(said).toEqual([
    'The ledger was changed: row 2 is wrong. This worker links and anchors no more rows.\n' +
      'See what is wrong and what to do: plimsoll history --verify',
  ]);
  expect(pages[0]).toEqual({
    deploy: { deployId: 'ledger', project: '', environment: '', sha: '0'.repeat(40) },
    step: expect.stringMatching(/^changed-[0-9a-f]{12}$/),
    title: 'Somebody changed the ledger of Plimsoll',
    text: `${said[0]}\nDeploys and rollbacks continue.`,
    priority: 'high',
  });
  expect(pages[1]).toMatchObject({ channel: '#incidents', parent: false });
});

test('a finding pages once, a lost page is sent again, and five in 24 hours are the most', async () => {
  const { pages, ...paging } = pager(() => {});
  const page = createPaging(paging);
  const found = (why: string) => ({ line: why, isChange: true });
  paging.activities.page = async () => Promise.reject(new Error('no answer'));
  paging.activities.notify = async () => Promise.reject(new Error('no answer'));
  await page(found('row 1'), 0);
  expect(pages).toEqual([]);
  const { activities } = pager(() => {}, pages);
  Object.assign(paging.activities, activities);
  for (let row = 1; row <= 9; row += 1) {
    await page(found(`row ${row}`), row);
    await page(found(`row ${row}`), row);
  }
  expect(pages).toHaveLength(10);
  await page(found('row 10'), 24 * 60 * 60_000 + 10);
  expect(pages).toHaveLength(12);
});

test('an anchor that cannot be written pages nobody, and a forged one does', async () => {
  const ledger = await openLedger({ path: ':memory:' }, freshSeals());
  const anchorOf = (read: () => Promise<unknown>) =>
    ({ place: 'git', everyMs: 0, read, write: async () => {} }) as never;
  const lost = createRound({ ledger, anchor: anchorOf(() => Promise.reject(new Error('away'))) });
  expect(await lost(Date.now())).toMatchObject({ isChange: false });
  const forged = createRound({ ledger, anchor: anchorOf(async () => ({ not: 'ours' })) });
  expect(await forged(Date.now() + 60_000)).toMatchObject({ isChange: true });
  await ledger.close();
});
