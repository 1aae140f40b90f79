import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import type { LedgerPlace } from '../../../activities/ledger/ledger.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import { asked, cost, noon, within } from './budget-fixture.ts';
import { budgetOrders } from './budget-orders.ts';
import { closed, entry } from '../ledger/ledger-fixture.ts';
import type { LedgerBackend } from '../ledger/ledger-fixture.ts';

const million = 1_000_000;
const yes = () => ({ reserve: true });

/** The tests of a ledger's budget functions, for any database. */
export function budgetContract(backend: LedgerBackend) {
  const opened: Ledger[] = [];
  afterEach(async () => {
    for (const ledger of opened.splice(0)) await ledger.close();
  });
  async function open(known?: LedgerPlace) {
    const place = known ?? (await backend.fresh());
    const ledger = await openLedger(place);
    opened.push(ledger);
    return { ledger, place };
  }

  describe('the money', () => {
    test('costs count in their UTC day and month, once each, and by agent', async () => {
      const { ledger } = await open();
      const lines = [
        cost('a'),
        cost('b', { at: '2026-11-24T00:00:00.000Z', agent: 'constructor', micros: 1 }),
        cost('c', { at: '2026-11-23T23:59:59.999Z', micros: 2 }),
        cost('d', { at: '2026-10-31T23:59:59.999Z', micros: 4 }),
        cost('e', { at: '2026-11-24T09:00:00.000Z', micros: null, agent: null, why: 'no JSON' }),
      ];
      await ledger.book.addCosts(lines);
      await ledger.book.addCosts(lines);
      const { costs } = await ledger.book.spending(noon);
      expect(costs).toEqual({
        day: million + 1,
        month: million + 3,
        agents: { 'ci-bot': million, constructor: 1 },
      });
      expect(await ledger.book.badLines(noon, 5)).toEqual({ total: 1, newest: [lines[4]] });
      expect(await ledger.verify()).toMatchObject({ ok: true, entries: 0 });
    });

    test('the last line of a file is where reading goes on', async () => {
      const { ledger } = await open();
      const last = cost('b', { startAt: 5_000_000_000, line: 70_000, micros: 3_000_000_000 });
      await ledger.book.addCosts([last, cost('a'), cost('x', { file: 'other', startAt: 9e9 })]);
      expect(await ledger.book.lastCost('f')).toEqual(last);
      expect(await ledger.book.lastCost('none')).toBeNull();
    });

    test('a reservation counts in any month until the deploy ends, then on the day of its end', async () => {
      const { ledger } = await open();
      await ledger.book.reserve(asked('d-1', { agent: 'ci-bot' }), yes);
      await ledger.book.reserve(asked('d-2', { at: '2026-01-01T00:00:00.000Z' }), yes);
      expect((await ledger.book.spending(noon)).reserved).toEqual({
        deploys: 2,
        total: 2 * million,
        agents: { 'ci-bot': million },
      });
      await ledger.append(entry('d-1/released', { kind: 'released', deployId: 'd-1' }));
      await ledger.append(closed('d-1', 'a'));
      await ledger.append(closed('d-2', 'b', 'rejected'));
      const after = await ledger.book.spending(Date.now());
      expect(after.reserved.deploys).toBe(0);
      expect(after.deploys).toEqual({
        day: million,
        month: million,
        agents: { 'ci-bot': million },
      });
    });

    test('a deploy is spent in the UTC day and month in which it ended, from their first moment', async () => {
      const { ledger } = await open();
      await settledAt(ledger, [
        ['2026-10-31T23:59:59.999Z', 1],
        ['2026-11-01T00:00:00.000Z', 2],
        ['2026-11-23T23:59:59.999Z', 4],
        ['2026-11-24T00:00:00.000Z', 8],
        ['2026-11-24T11:59:59.999Z', 16],
      ]);
      const spent = async (now: string) => (await ledger.book.spending(Date.parse(now))).deploys;
      const agents = { 'ci-bot': 24 };
      expect(await spent('2026-11-24T12:00:00.000Z')).toEqual({ day: 24, month: 30, agents });
      const late = { day: 0, month: 30, agents: {} };
      expect(await spent('2026-11-25T00:00:00.000Z')).toEqual(late);
      expect(await spent('2026-11-30T23:59:59.999Z')).toEqual(late);
      expect(await spent('2026-12-01T00:00:00.000Z')).toEqual({ day: 0, month: 0, agents: {} });
    });

    test('a second request of a deploy reserves once, and does not count its own reservation', async () => {
      const { ledger } = await open();
      const once = within(million, million);
      expect(await ledger.book.reserve(asked('d-1'), once)).toEqual({ reserve: true });
      expect(await ledger.book.reserve(asked('d-1'), once)).toEqual({ reserve: true });
      expect(await ledger.book.reserve(asked('d-2'), once)).toEqual({ reserve: false });
      expect((await ledger.book.spending(noon)).reserved.deploys).toBe(1);
    });

    test('a worker that was cut off reserves nothing for a closed deploy', async () => {
      const { ledger } = await open();
      await ledger.append(closed('d-1', 'a', 'aborted'));
      await expect(ledger.book.reserve(asked('d-1'), yes)).rejects.toMatchObject({
        type: 'Refused',
        message: 'The deploy d-1 is closed already, so nothing was reserved for it. Deploy again.',
      });
      expect((await ledger.book.spending(noon)).reserved.deploys).toBe(0);
    });

    test('a weigher that throws writes nothing, and the next writer has its turn', async () => {
      const { ledger } = await open();
      const broken = ledger.book.reserve(asked('d-1'), () => {
        throw new Error('weighed wrong');
      });
      await expect(broken).rejects.toThrow('weighed wrong');
      await ledger.append(entry('a'));
      expect((await ledger.book.spending(noon)).reserved.deploys).toBe(0);
    });
  });

  budgetOrders(backend, opened);

  test('two processes that race for the same money never get more than there is', async () => {
    const { ledger, place } = await open();
    await ledger.book.addCosts([cost('a', { micros: 3 * million })]);
    const granted = await Promise.all(['x', 'y'].map((name) => race(place, name)));
    const { reserved } = await ledger.book.spending(noon);
    expect(granted.flat().filter(Boolean)).toHaveLength(7);
    expect(reserved).toMatchObject({ deploys: 7, total: 7 * million });
  });

  test('a worker killed with a reservation leaks nothing once the deploy is closed', async () => {
    const { ledger, place } = await open();
    const script = `${preamble(place)}
      await ledger.book.reserve(${JSON.stringify(asked('d-1'))}, () => ({ reserve: true }));
      process.kill(process.pid, 'SIGKILL');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    expect((await ledger.book.spending(noon)).reserved.deploys).toBe(1);
    await ledger.append(closed('d-1', 'a', 'aborted'));
    expect(await ledger.book.spending(Date.now())).toMatchObject({
      reserved: { deploys: 0 },
      deploys: { day: 0 },
    });
  });
}

/**
 * For each pair, adds a deploy of ci-bot that cost `micros` micro-dollars and ended at the time
 * `at`.
 */
async function settledAt(ledger: Ledger, ends: [string, number][]) {
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    for (const [at, micros] of ends) {
      vi.setSystemTime(at);
      const deployId = `d-${at}`;
      await ledger.book.reserve(asked(deployId, { agent: 'ci-bot', micros }), yes);
      await ledger.append(entry(`${deployId}/released`, { kind: 'released', deployId }));
      await ledger.append(closed(deployId, 'a'));
    }
  } finally {
    vi.useRealTimers();
  }
}

const from = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
const preamble = (place: LedgerPlace) => `
  import { openLedger } from ${from('../../../activities/ledger/ledger.ts')};
  import { asked, within } from ${from('./budget-fixture.ts')};
  const ledger = await openLedger(${JSON.stringify(place)});`;

/** Starts a process that reserves $1 for each of ten deploys. The limit is $10. */
async function race(place: LedgerPlace, name: string): Promise<boolean[]> {
  const script = `${preamble(place)}
    const weigh = within(10_000_000, 1_000_000);
    const ids = Array.from({ length: 10 }, (_, n) => '${name}-' + n);
    const got = await Promise.all(ids.map((id) => ledger.book.reserve(asked(id), weigh)));
    console.log(JSON.stringify(got.map(({ reserve }) => reserve)));
    await ledger.close();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  let out = '';
  let problems = '';
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (problems += data.toString()));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(problems);
  return JSON.parse(out) as boolean[];
}
