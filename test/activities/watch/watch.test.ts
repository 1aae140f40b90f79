import { MockActivityEnvironment } from '../../support/activity-environment.ts';
import { describe, expect, test } from 'vitest';
import type { confirmedProbe } from '../../../activities/lib/probe.ts';
import { clocks } from '../../../activities/lib/clocks.ts';
import { createWatch } from '../../../activities/watch/watch.ts';
import type { OpenHost } from '../../../activities/platforms/vps/ssh/on-host.ts';
import type { WatchSegment } from '../../../domain/contract/activities.ts';
import type { Sample } from '../../../domain/deploy/plan.ts';
import type { VpsHost } from '../../../domain/platforms/vps/target.ts';
import { judgeDefaults } from '../../../domain/watch/judge/judge-defaults.ts';
import { onVps } from '../../support/drivers.ts';
import { planFor } from '../plan/plan-fixture.ts';

type Ask = typeof confirmedProbe;
const answer = (ok: boolean) => ({ ok, status: ok ? 200 : 503, detail: ok ? '200' : '503', ms: 1 });
const fine: Ask = async () => answer(true);
const broken: Ask = async () => answer(false);
const dark: OpenHost = async () => {
  throw new Error('connection refused');
};

const host = { name: 'web-1', url: 'http://127.0.0.1:1/' } as VpsHost;
const segmentOf = (over: Partial<WatchSegment> = {}): WatchSegment => {
  const plan = planFor({});
  const startedAt = Date.now();
  const timing = { ...plan.timing, sampleMs: 20, hurriedSampleMs: 5, confirmMs: 1 };
  const watch = {
    sources: [{ name: 'probes' as const, required: true, share: 1 }],
    plannedSamples: 180,
    onInconclusive: 'keep' as const,
    accessLog: null,
    judge: judgeDefaults,
  };
  const { smoke } = plan;
  const target = { ...plan.target, hosts: [host] };
  const when = { earlier: [], startedAt, endsAt: startedAt + 300 };
  return { deploy: plan, target, smoke, timing, watch, baseline: null, ...when, ...over };
};
const take = (
  ask: Ask,
  segment = segmentOf(),
  { env = new MockActivityEnvironment(), open = dark } = {},
): Promise<Sample[]> =>
  env.run(createWatch({ driverOf: onVps({ openHost: open }), ask }).takeSamples, segment);

describe('takeSamples', () => {
  test('takes samples in its rhythm to the very end of the segment', async () => {
    const segment = segmentOf();
    const samples = await take(fine, segment);
    expect(Date.now()).toBeGreaterThanOrEqual(segment.endsAt);
    expect(samples.length).toBeGreaterThan(5);
    expect(samples.length).toBeLessThanOrEqual(15);
    expect(samples.every(({ probe, log }) => probe === 0 && log === null)).toBe(true);
  });

  test('returns as soon as the judge says fail, in a hurry, with the first words of the failure', async () => {
    const segment = segmentOf({ endsAt: Date.now() + 60_000 });
    const samples = await take(broken, segment);
    expect(samples).toHaveLength(4);
    expect(samples[3]?.at).toBeLessThan(2000);
    expect(samples[0]?.note).toBe('auth on web-1: 503');
  });

  test('judges with the samples of earlier segments, and goes on in their rhythm', async () => {
    const earlier: Sample[] = [0, 1, 2].map((at) => ({ at, probe: 1, log: null }));
    expect(await take(broken, segmentOf({ earlier, endsAt: Date.now() + 60_000 }))).toHaveLength(1);
    const clean: Sample[] = [{ at: 0, probe: 0, log: null }];
    const [first] = await take(fine, segmentOf({ earlier: clean }));
    expect(first?.at).toBeGreaterThanOrEqual(20);
  });

  test('has no data, and is not healthy, where nothing is probed', async () => {
    const none = { auth: 'n/a: a', payments: 'n/a: b', core: 'n/a: c' };
    const samples = await take(fine, segmentOf({ smoke: none }));
    expect(samples.every(({ probe }) => probe === null)).toBe(true);
  });

  test('carries its samples in every heartbeat and resumes from them', async () => {
    const env = new MockActivityEnvironment();
    const beats: Sample[][] = [];
    env.on('heartbeat', ({ samples }: { samples: Sample[] }) => void beats.push([...samples]));
    const samples = await take(fine, segmentOf(), { env });
    expect(beats.at(-1)).toEqual(samples);
    const carried: Sample[] = [0, 1, 2].map((at) => ({ at, probe: 1, log: null }));
    const again = new MockActivityEnvironment({
      attempt: 2,
      heartbeatDetails: { samples: carried },
    });
    const segment = segmentOf({ endsAt: Date.now() + 60_000 });
    const resumed = await take(broken, segment, { env: again });
    expect(resumed.slice(0, 3)).toEqual(carried);
    expect(resumed).toHaveLength(4);
  });

  test.each([
    ['ahead', 3 * 60 * 60_000],
    ['back', -2 * 60 * 60_000],
  ])('a jump of the clock by hours condemns nothing: %s', async (_, jump) => {
    const usual = { ...clocks };
    let jumped = false;
    clocks.wall = () => usual.wall() + (jumped ? jump : 0);
    // A certificate of the site looks expired for as long as the jump lasts.
    const expiring: Ask = async () => {
      if (jumped || Date.now() < segment.startedAt + 100) return answer(true);
      jumped = true;
      return answer(false);
    };
    const segment = segmentOf();
    const samples = await take(expiring, segment).finally(() => Object.assign(clocks, usual));
    expect(samples.filter(({ probe }) => probe === null)).toHaveLength(1);
    expect(samples.filter(({ probe }) => probe === 1)).toEqual([]);
    expect(samples.length).toBeGreaterThan(5);
    expect(samples.at(-1)?.at).toBeLessThan(310);
    expect(Date.now()).toBeGreaterThanOrEqual(segment.endsAt - 50);
  });

  test('a worker with a wrong clock takes the time of the server', async () => {
    const usual = { ...clocks };
    const wall = () => usual.wall() + 3 * 60 * 60_000;
    Object.assign(clocks, { wall });
    const segment = segmentOf();
    const env = new MockActivityEnvironment({
      currentAttemptScheduledTimestampMs: segment.startedAt,
    });
    const samples = await take(fine, segment, { env }).finally(() => Object.assign(clocks, usual));
    expect(samples.length).toBeGreaterThan(5);
    expect(samples.every(({ probe, at }) => probe === 0 && at < 310)).toBe(true);
  });

  test('ends at once when it is cancelled, and closes its connections', async () => {
    const env = new MockActivityEnvironment();
    let closed = 0;
    const open: OpenHost = async () => ({
      run: async () => ({ code: 0, stdout: 'bucket 0 1 0 9\nend 100 0\n', stderr: '' }),
      close: () => void (closed += 1),
    });
    setTimeout(() => env.cancel('CANCELLED'), 50);
    const started = Date.now();
    const running = take(fine, segmentOf({ endsAt: Date.now() + 60_000 }), { env, open });
    await expect(running).rejects.toThrow(/abort|cancel/i);
    expect(Date.now() - started).toBeLessThan(1000);
    expect(closed).toBe(1);
  });

  test('adds what the log says', async () => {
    const open: OpenHost = async () => ({
      run: async () => ({ code: 0, stdout: 'bucket 0 1 0 9\nend 100 0\n', stderr: '' }),
      close: () => undefined,
    });
    const samples = await take(fine, segmentOf(), { open });
    expect(samples.every(({ log }) => log?.[0] === 1)).toBe(true);
  });
});
