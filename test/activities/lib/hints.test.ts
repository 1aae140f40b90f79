import { expect, test } from 'vitest';
import { hints } from '../../../activities/lib/hints.ts';

const hour = 3_600_000;

test('a hint ends the pause of every waiting caller', async () => {
  const both = [1, 2].map(() => hints.pause('vercel', { ms: hour, leastMs: 0 }));
  setTimeout(() => hints.wake('vercel'), 20);
  expect(await Promise.all(both)).toHaveLength(2);
});

test('a hint of another platform ends nothing', async () => {
  let ended = false;
  const stop = new AbortController();
  const waiting = hints.pause('northflank', { ms: hour, leastMs: 0 }, stop.signal);
  void waiting.then(
    () => (ended = true),
    () => {},
  );
  hints.wake('vercel');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(ended).toBe(false);
  stop.abort();
  await expect(waiting).rejects.toThrow('aborted');
});

test('a flood of hints does not make it read more often than the shortest pause', async () => {
  const from = performance.now();
  const waiting = hints.pause('vercel', { ms: hour, leastMs: 300 });
  for (let sent = 0; sent < 100; sent += 1) hints.wake('vercel');
  await waiting;
  expect(performance.now() - from).toBeGreaterThan(250);
});
