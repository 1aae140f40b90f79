import { afterAll, beforeAll, expect, test } from 'vitest';
import { timing } from '../../domain/deploy/timing.ts';
import { historyHalfFull } from '../../domain/messages/order.ts';
import { decide } from '../../workflows/messages.ts';
import { hostState, oldSha, planFor } from '../support/plan.ts';
import { ask, fakeDeploys, runDeployOn, until } from '../support/real-server.ts';
import { decision } from '../support/saga.ts';
import { flood, floodPlace, live, rolledBack, sessionAt, undecided } from './support/flood.ts';

const mostSignals = 60;
let place: Awaited<ReturnType<typeof floodPlace>>;
beforeAll(async () => void (place = await floodPlace(mostSignals)));
afterAll(() => place.close());

test('a signal of 1.9 MB is refused, and a plan with 100 hosts is not', async () => {
  const one = planFor();
  const names = Array.from({ length: 100 }, (_, at) => `deploy@web-${at}.example.com:22`);
  const [host] = one.target.hosts;
  const target = { ...one.target, hosts: names.map((name) => ({ ...host, name })) } as never;
  const plan = planFor({
    ...{ target, live: names.map((name) => hostState(name, oldSha)) },
    ...{ plannedAt: new Date().toISOString(), notAfter: '2036-01-01T00:00:00.000Z' },
    timing: timing(1000),
  });
  const { activities } = fakeDeploys({ planDeploy: async () => plan });
  const { report } = await runDeployOn(place.env, place.code, activities, async (handle) => {
    await until(handle, ({ phase }) => phase === 'approval');
    const refused = await flood(handle, 1, 1_900_000);
    expect(refused?.cause).toMatchObject({ details: 'Blob data size exceeds limit.' });
    expect(await flood(handle, 1, 900_000)).toBeNull();
    await handle.signal(decide, decision('bob', 'approve'));
  });
  expect(JSON.stringify(plan).length).toBeGreaterThan(40_000);
  expect(report.outcome).toBe('succeeded');
});

test('a flood of signals does not take away abort', async () => {
  const order = 'abort';
  const { activities, calls } = undecided();
  const done = runDeployOn(place.env, place.code, activities, async (handle) => {
    await live(handle);
    const refused = await flood(handle, mostSignals, 10);
    expect(String(refused?.cause)).toMatch(/exceeded workflow execution limit for signal events/);
    const { session, run, connection } = await sessionAt(place.address, handle);
    expect(await session.order(run, { order })).toBe('cancelled');
    await connection.close();
  });
  await expect(done).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(rolledBack(calls)).not.toEqual([]);
});

test('at half of the history, a live release is rolled back, and people are paged', async () => {
  const { activities, calls, pages, notes } = undecided();
  const { report } = await runDeployOn(place.env, place.code, activities, async (handle) => {
    await live(handle);
    expect(await flood(handle, 32, 1_000_000)).toBeNull();
    await until(handle, ({ phase }) => phase !== 'decision');
    const { cause } = await ask(handle);
    expect(cause).toEqual({ kind: 'flood', blames: 'platform', detail: historyHalfFull });
  });
  expect([report.outcome, report.reasons]).toEqual(['rolled-back', [historyHalfFull]]);
  expect(rolledBack(calls)).not.toEqual([]);
  const [page] = pages.filter(({ step }) => step === 'flood');
  expect(page).toMatchObject({
    title: 'gateway production: too many signals arrive',
    priority: 'urgent',
  });
  expect(page?.text).toMatch(
    /^gateway production: half of the history of this deploy is used\. \d+ signals arrived, \d+ of them were ignored\.\n/,
  );
  expect(notes.filter(({ step }) => step === 'flood')).toHaveLength(1);
});
