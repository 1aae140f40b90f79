import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { requestMetric } from '../../../../activities/platforms/cloudflare/baseline.ts';
import { workers } from '../../../../sandbox/samples/workers.ts';
import { ask } from '../../../sandbox/platforms/cloudflare/cloudflare-fixture.ts';
import { cloudflarePlace, host, name } from './place.ts';
import type { CloudflarePlace } from './place.ts';

const minuteMs = 100;
let at: CloudflarePlace;
beforeAll(async () => {
  const quick = { timeScale: 60_000 / minuteMs, lagMs: 0 };
  at = await cloudflarePlace([workers.throwsForSome(name, 50)], quick);
});
afterEach(() => at.board.clear());
afterAll(() => at.close());

const told: [number, number] = [0, 0];
/** Sends `count` requests. Returns the number of failed requests and the number of all requests. */
async function visit(count: number): Promise<[number, number]> {
  const asked = Array.from({ length: count }, () => ask(`${at.target.url}/login`));
  const failed = (await Promise.all(asked)).filter(({ status }) => status === 500).length;
  told[0] += failed;
  told[1] += count;
  return [failed, count];
}
const errorSource = (
  counted: [number, number] = [0, 0],
  accessLog: string | null = requestMetric,
) =>
  at.driver.errorSource({
    target: at.target,
    watch: { accessLog },
    agoMs: () => 0,
    startedAt,
    counted,
  });
let startedAt = 0;
type Eye = ReturnType<typeof errorSource>;

/**
 * Adds up samples until they contain `requests` requests. Returns the number of failed requests and
 * the number of all requests.
 */
async function until(source: Eye, requests: number): Promise<[number, number]> {
  let sum: [number, number] = [0, 0];
  while (sum[1] < requests) {
    const [bad, all] = (await source.sample()) ?? [0, 0];
    sum = [sum[0] + bad, sum[1] + all];
  }
  return sum;
}

test('the watch counts the requests of the version that serves, each once, however late', async () => {
  await at.deployed(0);
  startedAt = Math.floor(Date.now() / minuteMs) * minuteMs;
  const source = errorSource();
  expect(await source.sample()).toBe(null);
  const first = await visit(20);
  expect(await until(source, 20)).toEqual(first);
  expect(source.lagMs?.()).toBeGreaterThanOrEqual(minuteMs);
  const second = await visit(10);
  expect(await until(errorSource(first), 10)).toEqual(second);
  expect(told[0]).toBeGreaterThan(0);
});

test('a sample without an answer has no data, and the next one counts what it missed', async () => {
  const source = errorSource([...told]);
  const seen = await visit(1);
  expect(await until(source, 1)).toEqual(seen);
  const more = await visit(2);
  at.arm('POST /client/v4/graphql', 'lying-status', 1);
  while ((await source.sample()) !== null);
  expect(await until(source, 2)).toEqual(more);
});

test('requests to the address of the version itself are not counted', async () => {
  const source = errorSource([...told]);
  const id = at.truth()?.live[0]?.id ?? '';
  const own = at.cloudflare.previews(name).replace('{version}', id.slice(0, 8));
  for (let n = 0; n < 5; n += 1) await ask(`${own}/login`);
  const seen = await visit(2);
  expect(await until(source, 2)).toEqual(seen);
});

test('the version that it replaced is not counted', async () => {
  at.cloudflare.putSecret(name, 'API_KEY', 'another version');
  const ours = await visit(4);
  expect(await until(errorSource(), 4)).toEqual(ours);
});

test('without a baseline it reads nothing', async () => {
  at.arm('POST /client/v4/graphql', '500-before', 1);
  expect(await errorSource([0, 0], null).sample()).toBe(null);
  expect(at.board.armed).toHaveLength(1);
});

test('the baseline is what was counted in a day', async () => {
  const asked = { target: at.target, accessLog: null };
  const found = await at.driver.measureBaseline(asked);
  expect(found).toMatchObject({ errors: told[0], requests: told[1], metric: requestMetric });
});

test('the diagnosis has what serves and how its requests ended', async () => {
  const id = at.truth()?.live[0]?.id;
  const lines = await at.driver.lastLines(at.planOf(0));
  expect(lines[0]).toBe(`${host}: it serves ${id} 100 %`);
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^version [0-9a-f-]{36}: scriptThrewException: \d+ requests in the last hour$/,
    ),
  );
  at.arm('POST /client/v4/graphql', 'lying-status', 1);
  expect(await at.driver.lastLines(at.planOf(0))).toEqual([
    `${host}: it serves ${id} 100 %`,
    `${host}: the traffic could not be read: Cloudflare could not give the analytics of ${name}: internal server error`,
  ]);
});
