import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { requestMetric } from '../../activities/platforms/cloudflare/baseline.ts';
import { workers } from '../../sandbox/samples/workers.ts';
import { ask } from '../sandbox/cloudflare-fixture.ts';
import { cloudflarePlace, host, name } from './cloudflare-place.ts';
import type { CloudflarePlace } from './cloudflare-place.ts';

const minuteMs = 100;
let at: CloudflarePlace;
beforeAll(async () => {
  const quick = { timeScale: 60_000 / minuteMs, lagMs: 0 };
  at = await cloudflarePlace([workers.throwsForSome(name, 50)], quick);
});
afterEach(() => at.board.clear());
afterAll(() => at.close());

const told: [number, number] = [0, 0];
/** How many of these requests failed, and how many there were. */
async function visit(count: number): Promise<[number, number]> {
  const asked = Array.from({ length: count }, () => ask(`${at.target.url}/login`));
  const failed = (await Promise.all(asked)).filter(({ status }) => status === 500).length;
  told[0] += failed;
  told[1] += count;
  return [failed, count];
}
const eyes = (counted: [number, number] = [0, 0], accessLog: string | null = requestMetric) =>
  at.driver.eyes({
    target: at.target,
    watch: { accessLog },
    agoMs: () => 0,
    startedAt,
    counted,
  });
let startedAt = 0;
type Eye = ReturnType<typeof eyes>;

/** All that is counted until there is so much, each look added to the ones before. */
async function until(eye: Eye, requests: number): Promise<[number, number]> {
  let sum: [number, number] = [0, 0];
  while (sum[1] < requests) {
    const [bad, all] = (await eye.look()) ?? [0, 0];
    sum = [sum[0] + bad, sum[1] + all];
  }
  return sum;
}

test('the watch counts the requests of the version that serves, each once, however late', async () => {
  await at.deployed(0);
  startedAt = Math.floor(Date.now() / minuteMs) * minuteMs;
  const eye = eyes();
  expect(await eye.look()).toBe(null);
  const first = await visit(20);
  expect(await until(eye, 20)).toEqual(first);
  expect(eye.lagMs?.()).toBeGreaterThanOrEqual(minuteMs);
  const second = await visit(10);
  expect(await until(eyes(first), 10)).toEqual(second);
  expect(told[0]).toBeGreaterThan(0);
});

test('a look without an answer is blind, and the next one makes up for it', async () => {
  const eye = eyes([...told]);
  const seen = await visit(1);
  expect(await until(eye, 1)).toEqual(seen);
  const more = await visit(2);
  at.arm('POST /client/v4/graphql', 'lying-status', 1);
  while ((await eye.look()) !== null);
  expect(await until(eye, 2)).toEqual(more);
});

test('the version that it replaced is not counted', async () => {
  at.cloudflare.putSecret(name, 'API_KEY', 'another version');
  const ours = await visit(4);
  expect(await until(eyes(), 4)).toEqual(ours);
});

test('without requests to compare with it looks at nothing', async () => {
  at.arm('POST /client/v4/graphql', '500-before', 1);
  expect(await eyes([0, 0], null).look()).toBe(null);
  expect(at.board.armed).toHaveLength(1);
});

test('the baseline is what was counted in a day', async () => {
  const asked = { target: at.target, accessLog: null };
  const found = await at.driver.measureBaseline(asked);
  expect(found).toMatchObject({ errors: told[0], requests: told[1], metric: requestMetric });
});

test('the diagnosis hears what serves and how its requests ended', async () => {
  const id = at.truth()?.live[0]?.id;
  const lines = await at.driver.lastLines(at.planOf(0));
  expect(lines[0]).toBe(`${host}: it serves ${id} 100 %`);
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^version [0-9a-f-]{36}: scriptThrewException ended \d+ requests of the last hour$/,
    ),
  );
  at.arm('POST /client/v4/graphql', 'lying-status', 1);
  expect(await at.driver.lastLines(at.planOf(0))).toEqual([
    `${host}: it could not be read: Cloudflare could not tell the analytics of ${name}: internal server error`,
  ]);
});
