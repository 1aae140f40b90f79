import { expect, test } from 'vitest';
import { poll } from '../../../activities/lib/poll.ts';

const clock = () => {
  let ms = 0;
  return { now: () => ms, pause: async () => void (ms += 10) };
};

test('reads until there is a result', async () => {
  let reads = 0;
  const found = await poll(clock(), async () => ((reads += 1) === 3 ? 'there' : undefined));
  expect([found, reads]).toEqual(['there', 3]);
});

test('a read that begins at the end is the last one', async () => {
  let reads = 0;
  const late = async () => new Error(`nothing after ${reads} looks`);
  const looking = poll({ ...clock(), until: 20, late }, async () => void (reads += 1));
  await expect(looking).rejects.toThrow('nothing after 3 looks');
});

test('null and false are results, and the pause receives the number of reads', async () => {
  const told: number[] = [];
  const answers = [undefined, undefined, null];
  const pause = async (reads: number) => void told.push(reads);
  expect(await poll({ pause }, async () => answers.shift())).toBeNull();
  expect(told).toEqual([1, 2]);
});
