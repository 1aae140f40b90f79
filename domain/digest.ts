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
    paths: plan.paths,
    after: plan.after,
    audit: plan.audit,
    forwardOnly: plan.forwardOnly,
    stopped: plan.stopped?.key,
    goesBack: plan.goesBack,
    timeScale: plan.timing.scale,
    notAfter: plan.notAfter,
    gates: gates
      .map(({ gate, open, waivers }) => ({ gate, open, waivers }))
      .toSorted((a, b) => (a.gate < b.gate ? -1 : 1)),
  };
}

/** What a lift signs: this quarantine of this commit, and the reason that was given. */
export const liftSubject = ({ deployId, project, environment, sha, reason }: LiftSubject) => ({
  v: 1,
  subject: 'lift',
  deployId,
  project,
  environment,
  sha,
  reason,
});

/** What a waiver signs: this finding of this project's environment, with its reason and its last day. */
export const waiveSubject = ({ project, environment, finding, reason, until }: WaiveSubject) => ({
  v: 1,
  subject: 'waive',
  project,
  environment,
  finding,
  reason,
  until,
});

/** What a stop signs (`stop` is empty), and the lift of the stop that it names. */
export const stopSubject = ({ subject, stop, reason }: StopSubject) => ({
  v: 1,
  subject,
  stop,
  reason,
});

export type StopSubject = { subject: 'stop' | 'resume'; stop: string; reason: string };

export type WaiveSubject = {
  project: string;
  environment: string;
  finding: string;
  reason: string;
  until: string;
};

export type LiftSubject = {
  /** The deploy whose failure made the quarantine. */
  deployId: string;
  project: string;
  environment: string;
  sha: string;
  reason: string;
};
