import { clocks } from '../lib/clocks.ts';

/**
 * The clock of a segment, in epoch milliseconds. It also says whether the worker's wall clock shows
 * the same time.
 */
export type SegmentClock = {
  now(): number;
  /**
   * `jumped` is true if the wall clock of the worker jumped since the last call of `look`. `wrong`
   * is true if the wall clock jumped, or if it differs from this clock by more than a minute.
   */
  look(): { jumped: boolean; wrong: boolean };
};

type Segment = {
  startedAt: number;
  endsAt: number;
  /**
   * The time at which the Temporal server scheduled the attempt, in epoch milliseconds. null means
   * that the time is unknown.
   */
  scheduledAt: number | null;
};

const minuteMs = 60_000;
const jumpMs = 1000;

/**
 * Makes the clock of a segment. If the wall clock of the worker shows a time within the segment,
 * the clock begins with this time. If not, the clock begins with the time of the Temporal server.
 * Then it goes on with the monotonic clock. So a jump of the wall clock neither ends a segment nor
 * moves a sample.
 */
export function segmentClock({ startedAt, endsAt, scheduledAt }: Segment): SegmentClock {
  const isWithin = (at: number) => at >= startedAt - minuteMs && at < endsAt + minuteMs;
  const wall = clocks.wall();
  const server = scheduledAt !== null && isWithin(scheduledAt) ? scheduledAt : wall;
  const begin = isWithin(wall) ? wall : server;
  const from = clocks.monotonic();
  const now = () => begin + clocks.monotonic() - from;
  let lastOffset = wall - begin;
  const look = () => {
    const offset = clocks.wall() - now();
    const jumped = Math.abs(offset - lastOffset) > jumpMs;
    lastOffset = offset;
    return { jumped, wrong: jumped || Math.abs(offset) > minuteMs };
  };
  return { now, look };
}
