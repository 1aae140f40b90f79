import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import { refusesUnsealed } from '../../../activities/ledger/link-table.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import { freshSeals } from '../../support/seals.ts';
import { entry } from './ledger-fixture.ts';
import type { LedgerBackend } from './ledger-fixture.ts';

type Step = { writer: number; key: number; wait: number };

const steps = fc.array(fc.record({ writer: fc.nat(2), key: fc.nat(12), wait: fc.nat(3) }), {
  minLength: 6,
  maxLength: 30,
});

/** The tests of several workers on one ledger. Each worker has its own connections. */
export function ledgerWriters(backend: LedgerBackend) {
  const writers: Ledger[] = [];
  afterEach(async () => {
    for (const ledger of writers.splice(0)) await ledger.close();
  });

  test('three writers in any order lose nothing, write nothing twice and keep one chain', async () => {
    const place = await backend.fresh();
    const seals = freshSeals();
    // All three open the ledger at the same time, as if one command started them.
    writers.push(...(await Promise.all([1, 2, 3].map(() => openLedger(place, seals)))));
    let written = 0;
    let run = 0;
    const runDeploy = async (plan: Step[]) => {
      run += 1;
      const keys = new Set(plan.map(({ key }) => `run-${run}/${key}`));
      const answers = await Promise.all(plan.map((step) => write(writers, `run-${run}`, step)));
      const found = await writers[0]!.read({ limit: keys.size });
      expect(new Set(found.map(({ key }) => key))).toEqual(keys);
      for (const answer of answers)
        expect(found.find(({ key }) => key === answer.key)).toEqual(answer);
      written += keys.size;
      for (const ledger of writers)
        expect(await ledger.verify()).toMatchObject({ ok: true, entries: written });
    };
    await fc.assert(fc.asyncProperty(steps, runDeploy), { numRuns: 15 });
  });

  test('three workers record one key and link at once: one link; a worker without seals is refused', async () => {
    const place = await backend.fresh();
    const seals = freshSeals();
    writers.push(...(await Promise.all([1, 2, 3].map(() => openLedger(place, seals)))));
    for (const ledger of writers) expect(await ledger.recordKeys()).toBeNull();
    await Promise.all(writers.map((ledger, n) => ledger.append(entry(`k${n}`))));
    const now = Date.now();
    const links = await Promise.all(writers.map((ledger) => ledger.link(now, 50_000)));
    expect(links.map(({ link, wrong }) => [link?.seq, wrong])).toEqual(links.map(() => [4, null]));
    expect(new Set(links.map(({ link }) => link?.seal)).size).toBe(1);
    expect(await writers[0]!.verify()).toMatchObject({
      ...{ ok: true, entries: 4, notSealed: 0, linked: { seq: 4 }, tail: null },
      signers: [{ rows: 4 }],
    });
    const old = await openLedger(place);
    writers.push(old);
    await expect(old.append(entry('old'))).rejects.toThrow(refusesUnsealed);
  });
}

async function write(writers: Ledger[], run: string, { writer, key, wait }: Step) {
  for (let n = 0; n < wait; n += 1) await turn();
  return await writers[writer]!.append(entry(`${run}/${key}`, { body: { writer } }));
}
