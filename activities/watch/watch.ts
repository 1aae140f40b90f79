import { accessTo } from '../lib/access.ts';
import { criticalUrls } from '../lib/critical-urls.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { asyncLocalStorage } from '@temporalio/activity';
import type { Activities, WatchSegment } from '../../domain/contract/activities.ts';
import type { Sample } from '../../domain/deploy/plan.ts';
import { sitesOf } from '../../domain/platforms/sites.ts';
import { judgeWatch } from '../../domain/watch/watch.ts';
import { confirmedProbe } from '../lib/probe.ts';
import type { DriverOf } from '../platforms/driver.ts';
import type { ErrorSource } from '../platforms/error-source.ts';
import { segmentClock } from './segment-clock.ts';
import type { SegmentClock } from './segment-clock.ts';

type Deps = { driverOf: DriverOf; ask?: typeof confirmedProbe };
/**
 * The details of a heartbeat: the samples of this segment. So the samples are not lost if the
 * worker process ends.
 */
type Carried = { samples: Sample[] };

const heartbeatMs = 3000;
/**
 * The time limit of a request to a site, in milliseconds. A longer wait would delay the sample.
 */
const probeTimeoutMs = 5000;

/**
 * Makes the activity that takes samples until the segment ends or the judge says "fail". For each
 * sample, the activity requests all critical paths on all sites and reads the new errors from the
 * platform. The activity changes nothing. Throws only if the activity is cancelled.
 */
export const createWatch = (deps: Deps): Pick<Activities, 'takeSamples'> => ({
  async takeSamples(segment) {
    const context = asyncLocalStorage.getStore();
    const signal = context?.cancellationSignal;
    const samples = [...((context?.info.heartbeatDetails as Carried | undefined)?.samples ?? [])];
    const scheduledAt = context?.info.currentAttemptScheduledTimestampMs ?? null;
    const clock = segmentClock({ ...segment, scheduledAt });
    const counted = countedBy([...segment.earlier, ...samples]);
    const errorSource = deps
      .driverOf(segment.target)
      .errorSource({ ...segment, agoMs: agoOf(segment, samples, clock), counted, signal });
    const carry = () => context?.heartbeat({ samples } satisfies Carried);
    const timer = setInterval(carry, heartbeatMs);
    try {
      await takeUntilEnd({
        segment,
        clock,
        samples,
        errorSource,
        ask: deps.ask ?? confirmedProbe,
        signal,
        carry,
      });
      return samples;
    } finally {
      clearInterval(timer);
      errorSource.close();
    }
  },
});

const newestOf = ({ earlier }: WatchSegment, samples: readonly Sample[]) =>
  samples.at(-1) ?? earlier.at(-1);

const countedBy = (samples: readonly Sample[]): [number, number] =>
  samples.reduce<[number, number]>(
    ([errors, requests], { log }) => [errors + (log?.[0] ?? 0), requests + (log?.[1] ?? 0)],
    [0, 0],
  );

/**
 * Makes a clock for the error source. The error source must count the log lines since the newest
 * sample. So the clock returns the milliseconds since that sample. If there is no sample, the clock
 * returns the milliseconds since the start of the watch. Samples that come later do not change the
 * clock.
 */
function agoOf(
  segment: WatchSegment,
  samples: readonly Sample[],
  { now }: SegmentClock,
): () => number {
  const from = segment.startedAt + (newestOf(segment, samples)?.at ?? 0);
  return () => Math.max(0, now() - from);
}

type Sampling = {
  segment: WatchSegment;
  clock: SegmentClock;
  samples: Sample[];
  errorSource: ErrorSource;
  ask: typeof confirmedProbe;
  signal: AbortSignal | undefined;
  carry: () => void;
};

async function takeUntilEnd(sampling: Sampling): Promise<void> {
  const { segment, clock, samples, signal } = sampling;
  const { watch, baseline, endsAt } = segment;
  for (;;) {
    const all = [...segment.earlier, ...samples];
    if (judgeWatch({ watch, baseline, samples: all, final: false }).verdict === 'fail') return;
    const due = Math.max(dueAt(segment, samples), clock.now());
    if (due >= endsAt) return wait(clock, endsAt, signal);
    await wait(clock, due, signal);
    samples.push(await oneSample(sampling));
    sampling.carry();
  }
}

/**
 * Waits until `until`, in epoch milliseconds. Checks the time after each timer, because a timer may
 * fire a millisecond early.
 */
async function wait(
  { now }: SegmentClock,
  until: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let ms = until - now(); ms > 0; ms = until - now()) await sleep(ms, undefined, { signal });
  signal?.throwIfAborted();
}

/**
 * Returns the time of the next sample, in epoch milliseconds: `sampleMs` after the last sample, or
 * `hurriedSampleMs` after a sample with a failed probe.
 */
function dueAt(segment: WatchSegment, samples: readonly Sample[]): number {
  const { startedAt, timing } = segment;
  const newest = newestOf(segment, samples);
  if (!newest) return startedAt;
  return startedAt + newest.at + (newest.probe === 1 ? timing.hurriedSampleMs : timing.sampleMs);
}

/**
 * Takes one sample. If the worker's clock jumped during the sample, the sample has no data, because
 * the jump may make a certificate look expired. As long as the clock is wrong, the log has no data,
 * because the worker may ask the platform about the wrong time.
 */
async function oneSample(sampling: Sampling): Promise<Sample> {
  const { segment, clock, errorSource, ask, signal } = sampling;
  const at = Math.round(clock.now()) - segment.startedAt;
  const [probes, log] = await Promise.all([probeAll(segment, ask, signal), errorSource.sample()]);
  const { jumped, wrong } = clock.look();
  if (jumped) return { at, probe: null, log: null };
  if (wrong) return { at, ...probes, log: null };
  const lag = log && errorSource.lagMs?.();
  const unread = log && errorSource.unread?.();
  return {
    at,
    ...probes,
    log,
    ...(lag ? { lag: Math.round(lag) } : {}),
    ...(unread ? { unread } : {}),
  };
}

async function probeAll(
  { target, smoke, timing }: WatchSegment,
  ask: typeof confirmedProbe,
  signal: AbortSignal | undefined,
): Promise<Pick<Sample, 'probe' | 'note'>> {
  const { confirmMs } = timing;
  const options = { confirmMs, timeoutMs: probeTimeoutMs, signal, ...accessTo(target) };
  const asked = criticalUrls(sitesOf(target), smoke);
  const answers = await Promise.all(
    asked.map(async (one) => ({ ...one, result: await ask(one.url, options) })),
  );
  if (answers.length === 0) return { probe: null };
  const failed = answers.find(({ result }) => !result.ok);
  if (!failed) return { probe: 0 };
  const { path, host, result } = failed;
  return { probe: 1, note: `${path} on ${host}: ${result.detail}`.slice(0, 120) };
}
