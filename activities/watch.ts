import { setTimeout as sleep } from 'node:timers/promises';
import { asyncLocalStorage } from '@temporalio/activity';
import type { Activities, WatchSegment } from '../domain/activities.ts';
import type { Look } from '../domain/plan.ts';
import { sitesOf } from '../domain/policy/sites.ts';
import { judgeWatch } from '../domain/policy/watch.ts';
import { confirmedProbe } from './probe.ts';
import { criticalUrls } from './smoke.ts';
import type { DriverOf } from './platforms/driver.ts';
import type { Eyes } from './watch/eyes.ts';

type Deps = { driverOf: DriverOf; ask?: typeof confirmedProbe };
/** What survives the death of a worker: carried by every heartbeat. */
type Carried = { looks: Look[] };

const heartbeatMs = 3000;
/** A site that hangs must not make a look last longer than it has to. */
const probeTimeoutMs = 5000;

/**
 * Looks until the segment ends, or until the judge says fail. Every look asks all critical paths on all sites,
 * and the platform for the errors that were added. Changes nothing. Throws only the reason of a cancel.
 */
export const createWatch = (deps: Deps): Pick<Activities, 'takeLooks'> => ({
  async takeLooks(segment) {
    const context = asyncLocalStorage.getStore();
    const signal = context?.cancellationSignal;
    const looks = [...((context?.info.heartbeatDetails as Carried | undefined)?.looks ?? [])];
    const counted = countedBy([...segment.earlier, ...looks]);
    const eyes = deps
      .driverOf(segment.target)
      .eyes({ ...segment, agoMs: agoOf(segment, looks), counted, signal });
    const carry = () => context?.heartbeat({ looks } satisfies Carried);
    const timer = setInterval(carry, heartbeatMs);
    try {
      await lookOn({ segment, looks, eyes, ask: deps.ask ?? confirmedProbe, signal, carry });
      return looks;
    } finally {
      clearInterval(timer);
      eyes.close();
    }
  },
});

const newestOf = ({ earlier }: WatchSegment, looks: readonly Look[]) =>
  looks.at(-1) ?? earlier.at(-1);

const countedBy = (looks: readonly Look[]): [number, number] =>
  looks.reduce<[number, number]>(
    ([errors, requests], { log }) => [errors + (log?.[0] ?? 0), requests + (log?.[1] ?? 0)],
    [0, 0],
  );

/** Fixed when the segment begins: what the log added since the newest look is not counted yet. */
function agoOf(segment: WatchSegment, looks: readonly Look[]): () => number {
  const from = segment.startedAt + (newestOf(segment, looks)?.at ?? 0);
  return () => Math.max(0, Date.now() - from);
}

type Looking = {
  segment: WatchSegment;
  looks: Look[];
  eyes: Eyes;
  ask: typeof confirmedProbe;
  signal: AbortSignal | undefined;
  carry: () => void;
};

async function lookOn(looking: Looking): Promise<void> {
  const { segment, looks, signal } = looking;
  const { watch, baseline, endsAt } = segment;
  for (;;) {
    const all = [...segment.earlier, ...looks];
    if (judgeWatch({ watch, baseline, looks: all, final: false }).verdict === 'fail') return;
    const due = Math.max(dueAt(segment, looks), Date.now());
    if (due >= endsAt) return wait(endsAt, signal);
    await wait(due, signal);
    looks.push(await oneLook(looking));
    looking.carry();
  }
}

/** A timer may fire a millisecond early; the segment never ends before its end. */
async function wait(until: number, signal: AbortSignal | undefined): Promise<void> {
  for (let ms = until - Date.now(); ms > 0; ms = until - Date.now())
    await sleep(ms, undefined, { signal });
  signal?.throwIfAborted();
}

/** 10 s after the look before, 2 s after one that failed. */
function dueAt(segment: WatchSegment, looks: readonly Look[]): number {
  const { startedAt, timing } = segment;
  const newest = newestOf(segment, looks);
  if (!newest) return startedAt;
  return startedAt + newest.at + (newest.probe === 1 ? timing.hurriedLookMs : timing.lookMs);
}

async function oneLook({ segment, eyes, ask, signal }: Looking): Promise<Look> {
  const at = Date.now() - segment.startedAt;
  const [probes, log] = await Promise.all([probeAll(segment, ask, signal), eyes.look()]);
  const lag = log && eyes.lagMs?.();
  return { at, ...probes, log, ...(lag ? { lag: Math.round(lag) } : {}) };
}

async function probeAll(
  { target, smoke, timing }: WatchSegment,
  ask: typeof confirmedProbe,
  signal: AbortSignal | undefined,
): Promise<Pick<Look, 'probe' | 'note'>> {
  const { confirmMs } = timing;
  const options = { confirmMs, timeoutMs: probeTimeoutMs, signal };
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
