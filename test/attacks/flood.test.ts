import { afterAll, beforeAll, expect, test } from 'vitest';
import { isHalfFull } from '../../domain/deploy/history-limit.ts';
import { cancelledInstead, signalsRefused } from '../../domain/messages/order.ts';
import { runDeployOn } from '../support/real-server.ts';
import { decision } from '../support/saga.ts';
import { flood, floodPlace, live, rolledBack, sessionAt, undecided } from './support/flood.ts';

const mostSignals = 12;
let place: Awaited<ReturnType<typeof floodPlace>>;
beforeAll(async () => void (place = await floodPlace(mostSignals)));
afterAll(() => place.close());

test('a flood of signals does not take away the rollback', async () => {
  const { activities, calls } = undecided();
  const done = runDeployOn(place.env, place.code, activities, async (handle) => {
    await live(handle);
    const large = await flood(handle, 1, 1_900_000);
    expect(large?.cause).toMatchObject({ details: 'Blob data size exceeds limit.' });
    const refused = await flood(handle, mostSignals, 10);
    expect(String(refused?.cause)).toMatch(/exceeded workflow execution limit for signal events/);
    const { session, run, connection } = await sessionAt(place.address, handle);
    await expect(session.order(run, { order: 'retry' })).rejects.toThrow(signalsRefused('retry'));
    const signed = decision('bob', 'approve');
    await expect(session.decide(run, signed)).rejects.toThrow(signalsRefused('The decision'));
    expect(await session.order(run, { order: 'rollback' })).toBe('cancelled');
    await connection.close();
  });
  await expect(done).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(rolledBack(calls)).not.toEqual([]);
});

test.each([
  ['a deploy of 100 hosts that waits for days', 20_000, 20_000_000, true, 60, false],
  ['many decisions', 3_000, 3_000_000, false, 501, false],
  ['a flood that the server notices', 4_097, 1_000_000, true, 501, true],
  ['too many events', 25_601, 1_000_000, true, 60, true],
  ['too many bytes', 300, 26_300_000, true, 27, true],
])('half of the history: %s', (_, events, bytes, suggested, signals, full) => {
  expect(isHalfFull({ events, bytes, suggested, signals })).toBe(full);
});

test('a person reads what was done instead of the signal', () => {
  const at = (phase: string) => ({ status: { phase } }) as never;
  expect(cancelledInstead('rollback', at('watch'))).toBe(
    'The server accepts no more signals for this deploy, because too many arrived. So rollback was sent ' +
      'as a cancellation: the deploy ends in the same way, and its workflow ends as Cancelled.',
  );
  expect(cancelledInstead('abort', at('rollback'))).toMatch(
    /\nA cancellation does not give up a stuck rollback\. Fix the cause of the stuck step; it is tried again\.$/,
  );
});
