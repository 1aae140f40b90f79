import type { GateReport, Plan } from './plan.ts';

/**
 * The fields of a plan that an approval does not sign, each with the reason. Every other field is
 * signed.
 */
export const notSigned = {
  ref: 'the commit of the ref is signed',
  requestedBy: 'the approval rule, which depends on the requester, is signed',
  reason: 'a text for people',
  priority: 'the gates and the approval rule, which depend on the priority, are signed',
  noReturn: 'a text for people; the approval rule, which depends on it, is signed',
  lastProven: 'a record of the past; the rollback target is signed',
  commitsLeftOut: 'a count for people',
  baseline: 'a measured value for people',
  warnings: 'texts for people',
  dependencies: 'a measured value for people',
  power: 'texts for people',
  recall: 'a record of the past, for people',
  timing: 'the scale of the times is signed, as timeScale',
  slack: 'only names the channels for notes',
  pages: 'only names the channels for pages',
  github: 'only names the repository of checks and issues',
  branch: 'the commit is signed',
  ownsBranch: 'the configuration decides whether a failure reverts the branch',
  budget: 'amounts for people',
  freezeWindows: 'the freeze gate is signed',
  plannedAt: 'the end of the plan, notAfter, is signed',
  seal: 'the seal of a worker over the plan',
  warrant: 'the seal of a worker over the plan and its digest',
} as const satisfies Partial<Record<keyof Plan, string>>;

/**
 * Returns the content that an approval signs: every field of the plan that is not in `notSigned`.
 * Of some fields, only the identifying part is signed. For example, only the SHA of each commit is
 * signed.
 */
export function digestSubject(plan: Plan, gates: GateReport[]): unknown {
  const fields = Object.entries(plan).filter(([field]) => !Object.hasOwn(notSigned, field));
  return {
    ...Object.fromEntries(fields),
    v: 1,
    live: plan.live.map(({ host, sha }) => ({ host, sha })),
    commits: plan.commits.map(({ sha }) => sha),
    stopped: plan.stopped?.key,
    timeScale: plan.timing.scale,
    gates: gates
      .map(({ gate, open, waivers }) => ({ gate, open, waivers }))
      .toSorted((a, b) => (a.gate < b.gate ? -1 : 1)),
  };
}

/** Returns the content that a lift signs: the quarantine, its commit, and the reason. */
export const liftSubject = ({ deployId, project, environment, sha, reason }: LiftSubject) => ({
  v: 1,
  subject: 'lift',
  deployId,
  project,
  environment,
  sha,
  reason,
});

/**
 * Returns the content that a waiver signs: the finding, the project and environment, the reason and
 * the last day.
 */
export const waiveSubject = ({ project, environment, finding, reason, until }: WaiveSubject) => ({
  v: 1,
  subject: 'waive',
  project,
  environment,
  finding,
  reason,
  until,
});

/**
 * Returns the content that a stop or a resume signs. `stop` is the key of the stop that a resume
 * ends. For a stop, `stop` is empty.
 */
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
  /** The deploy that failed and caused the quarantine. */
  deployId: string;
  project: string;
  environment: string;
  sha: string;
  reason: string;
};
