import type { Timing } from '../plan.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Source: the team's checklist (15/30 min, reminder 30 min, park 2 h) and the sequential test's look schedule. */
export function timing(scale = 1): Timing {
  const scaled = (ms: number) => Math.max(1, Math.round(ms / scale));
  return {
    windowMs: scaled(30 * minute),
    lookMs: scaled(10 * second),
    hurriedLookMs: scaled(2 * second),
    confirmMs: scaled(second),
    segmentMs: scaled(5 * minute),
    remindMs: scaled(30 * minute),
    expireMs: scaled(2 * hour),
    gateMaxAgeMs: scaled(30 * minute),
    coolOffMs: scaled(15 * minute),
    flagMs: scaled(15 * minute),
    stuckGiveUpMs: scaled(2 * hour),
    restoreGiveUpMs: scaled(24 * hour),
    startUpMs: minute,
    updateMs: scaled(15 * minute),
    // Slack's clock has whole seconds, and nobody is called because a sandbox is fast.
    silentMs: Math.max(scaled(25 * minute), 30 * second),
    signOfLifeMs: Math.max(scaled(10 * minute), 10 * second),
    scale,
  };
}
