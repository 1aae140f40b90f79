import type { GateReport, Plan } from './plan.ts';

/**
 * What an approval is about: what will be done, where, under which rules, with which way back.
 * Measurements (baseline, power, recall) and times are shown beside it and never change it.
 */
export function digestSubject(plan: Plan, gates: GateReport[]): unknown {
  const {
    deployId,
    project,
    environment,
    sha,
    release,
    target,
    restoreTo,
    steps,
    undo,
    rule,
    smoke,
    watch,
  } = plan;
  return {
    v: 1,
    deployId,
    project,
    environment,
    sha,
    release,
    target,
    live: plan.live.map(({ host, sha: served }) => ({ host, sha: served })),
    restoreTo,
    steps,
    undo,
    rule,
    smoke,
    watch,
    commits: plan.commits.map((commit) => commit.sha),
    revert: plan.revert,
    timeScale: plan.timing.scale,
    notAfter: plan.notAfter,
    gates: gates
      .map(({ gate, open }) => ({ gate, open }))
      .toSorted((a, b) => (a.gate < b.gate ? -1 : 1)),
  };
}
