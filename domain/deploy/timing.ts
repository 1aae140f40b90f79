import type { Timing } from './plan.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** The time that a service may need to start if the configuration sets no other time. */
export const usualStartUpMs = minute;

/**
 * Returns the milliseconds of `startUp` in plimsoll.yaml: a number of seconds, or a text such as
 * "90 s" or "5 min". Absent = the usual time.
 */
export function startUpMsOf(startUp: number | string | undefined): number {
  if (startUp === undefined) return usualStartUpMs;
  if (typeof startUp === 'number') return startUp * second;
  return Number.parseInt(startUp, 10) * (startUp.endsWith('s') ? second : minute);
}

/**
 * Returns every duration of a deploy, divided by `scale`. The waiting times come from a checklist
 * of the team. The sequential test was designed for these intervals between samples.
 */
export function timing(scale = 1): Timing {
  const scaled = (ms: number) => Math.max(1, Math.round(ms / scale));
  return {
    windowMs: scaled(30 * minute),
    sampleMs: scaled(10 * second),
    hurriedSampleMs: scaled(2 * second),
    confirmMs: scaled(second),
    segmentMs: scaled(5 * minute),
    remindMs: scaled(30 * minute),
    expireMs: scaled(2 * hour),
    gateMaxAgeMs: scaled(30 * minute),
    coolOffMs: scaled(15 * minute),
    flagMs: scaled(15 * minute),
    stuckGiveUpMs: scaled(2 * hour),
    rollbackGiveUpMs: scaled(24 * hour),
    startUpMs: usualStartUpMs,
    updateMs: scaled(15 * minute),
    // A sandbox scales time, but the next two values have a minimum: Slack's clock has whole
    // seconds. With shorter times, Slack would post the dead man's switch message by mistake.
    silentMs: Math.max(scaled(25 * minute), 30 * second),
    deadMansSwitchMs: Math.max(scaled(10 * minute), 10 * second),
    scale,
  };
}
