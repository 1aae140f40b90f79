import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import type { BudgetLimits, Spending } from '../../../domain/deploy/budget.ts';
import { usedBy, usedOf } from '../../../domain/budget/budget.ts';
import { judgeBudget } from '../../../domain/gates/budget.ts';
import { asked } from './budget-fixture.ts';
import { closed, entry } from '../ledger/ledger-fixture.ts';
import type { LedgerBackend } from '../ledger/ledger-fixture.ts';

const million = 1_000_000;
const deployRuns = fc.array(
  fc.record({
    worker: fc.nat(2),
    closer: fc.nat(2),
    micros: fc.integer({ min: 0, max: 3 * million }),
    agent: fc.constantFrom(null, 'ci-bot', 'night-bot'),
    priority: fc.constantFrom('normal', 'normal', 'normal', 'normal', 'P0'),
    wait: fc.nat(4),
    touches: fc.boolean(),
    twice: fc.boolean(),
  }),
  { minLength: 3, maxLength: 10 },
);
type DeployRun = {
  worker: number;
  closer: number;
  micros: number;
  agent: string | null;
  priority: 'normal' | 'P0';
  wait: number;
  touches: boolean;
  twice: boolean;
  limits: BudgetLimits;
};
type End = { spent: number; agent: string | null; through: boolean };

/** Decides like the budget gate. */
const weigher = ({ limits, micros, agent, priority }: DeployRun, now: number) => {
  const budget = { limits, estimate: micros, agent };
  const facts = { environment: 'production', priority, budget, summary: null, badLines: 0, now };
  return (spending: Spending) => judgeBudget({ ...facts, spending, sourceErrors: [] });
};

/**
 * Runs one deploy from its budget gate to its end. Any worker may do each step. Returns the cost of
 * the deploy.
 */
async function runDeploy(workers: Ledger[], deployId: string, it: DeployRun): Promise<End> {
  const [ledger, other] = [workers[it.worker]!, workers[it.closer]!];
  const { micros, agent } = it;
  for (let n = 0; n < it.wait; n += 1) await turn();
  const now = Date.now();
  const request = asked(deployId, { micros, agent, at: new Date(now).toISOString() });
  const { reserve, through } = await ledger.book.reserve(request, weigher(it, now));
  if (it.twice && reserve) await other.book.reserve(request, () => ({ reserve: true }));
  const spends = reserve && it.touches;
  if (spends) await ledger.append(entry(`${deployId}/released`, { kind: 'released', deployId }));
  for (let n = 0; n < it.wait; n += 1) await turn();
  await other.append(closed(deployId, 'a', spends ? 'succeeded' : 'gate-closed'));
  return { spent: spends ? micros : 0, agent, through: through.length > 0 };
}

const sum = (ends: End[]) => ends.reduce((total, { spent }) => total + spent, 0);

/** The tests of many parallel deploys with different limits. Some of the deploys are P0. */
export function budgetOrders(backend: LedgerBackend, opened: Ledger[]) {
  test('three workers in any order spend beyond a limit only for a P0, and nothing leaks', async () => {
    const place = await backend.fresh();
    const workers = await Promise.all([1, 2, 3].map(() => openLedger(place)));
    opened.push(...workers);
    const used = async () => {
      const spending = await workers[0]!.book.spending(Date.now());
      return { ...usedOf(spending, null), reserved: spending.reserved.total };
    };
    let run = 0;
    const gates = { held: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(deployRuns, async (plan) => {
        run += 1;
        const before = await used();
        // In every second run the daily limit is lower than the monthly limit. In the other runs
        // the monthly limit is lower.
        const [day, month] =
          run % 2 === 0 ? [5 * million, 9 * million] : [9 * million, 4 * million];
        const limits = {
          ...{ task: 5 * million, day: before.day + day, month: before.month + month },
          agent: Math.max(usedBy(before, 'ci-bot'), usedBy(before, 'night-bot')) + 2 * million,
        };
        const runs = plan.map((it, n) => runDeploy(workers, `run-${run}/${n}`, { ...it, limits }));
        const ends = await Promise.all(runs);
        const after = await used();
        const beyond = ends.filter(({ through }) => through);
        expect(after.reserved).toBe(0);
        expect(after.day - before.day).toBe(sum(ends));
        expect(after.day).toBeLessThanOrEqual(limits.day + sum(beyond));
        expect(after.month).toBeLessThanOrEqual(limits.month + sum(beyond));
        for (const agent of ['ci-bot', 'night-bot']) {
          const own = beyond.filter((end) => end.agent === agent);
          expect(usedBy(after, agent)).toBeLessThanOrEqual(limits.agent + sum(own));
        }
        gates.held += ends.filter(({ spent }) => spent > 0).length;
        gates.refused += ends.filter(({ spent }) => spent === 0).length;
      }),
      { numRuns: 100 },
    );
    expect(Math.min(gates.held, gates.refused)).toBeGreaterThan(20);
  });
}
