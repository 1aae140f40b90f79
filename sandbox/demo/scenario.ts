import type { Cause, Outcome } from '../../domain/plan.ts';
import type { ShipSpec } from '../fleet.ts';
import { samples } from '../samples.ts';
import { workers } from '../samples/workers.ts';

/** One deploy, and what becomes of it. */
export type Leg = {
  project: string;
  environment: 'staging' | 'production';
  story: string;
  decision: 'approve' | 'reject' | null;
  /** What a person reports by `plimsoll flag` while it is watched. */
  flag?: string;
  /** The commit after the next one, once that is live. Absent = the branch, or the next one where there are two. */
  brings?: 'next' | 'later';
  expected: Outcome;
  /** Why it is taken back. */
  cause?: Cause['kind'];
};
/** Legs of one stage sail at the same time, the stages one after the other. */
export type Route = Leg[][];

/** The bad release passes its start and its smoke, and fails about 25 looks into the watch. */
const lookOfFailure = 25;

const production = { environment: 'production', decision: 'approve' } as const;
const harbor = { ...production, project: 'harbor' } as const;

const pastStaging: Leg = {
  ...harbor,
  decision: null,
  story: 'nobody has seen it in staging',
  expected: 'gate-closed',
};
const staging: Leg = {
  ...pastStaging,
  environment: 'staging',
  story: 'a good release, first to staging',
  expected: 'succeeded',
};
const proven: Leg = {
  ...harbor,
  story: 'the same commit, proven in staging',
  expected: 'succeeded',
};

const lantern: Leg = {
  ...production,
  project: 'lantern',
  story: 'starts failing in the watch',
  expected: 'rolled-back',
  cause: 'watch',
};
const beacon: Leg = {
  ...production,
  project: 'beacon',
  story: 'healthy by every probe',
  flag: 'customers cannot pay',
  expected: 'rolled-back',
  cause: 'flag',
};
const anchor: Leg = {
  ...production,
  project: 'anchor',
  story: 'red tests and a token in the code',
  decision: null,
  expected: 'gate-closed',
};
const compass: Leg = {
  ...production,
  project: 'compass',
  story: 'the approver says no',
  decision: 'reject',
  expected: 'rejected',
};

const barber = { ...production, project: 'barber-crm' } as const;
const promoted: Leg = {
  ...barber,
  brings: 'next',
  story: 'tried at its own address, then promoted',
  expected: 'succeeded',
};
const rolledBack: Leg = {
  ...barber,
  brings: 'later',
  story: 'turns bad once people are there',
  expected: 'rolled-back',
  cause: 'watch',
};
const palace: Leg = {
  ...production,
  project: 'delhi-palace',
  story: 'a good release at Vercel',
  expected: 'succeeded',
};

const gateway = { ...production, project: 'openclaw-gateway' } as const;
const pinned: Leg = {
  ...gateway,
  brings: 'next',
  story: 'built by CI, deployed by its build id',
  expected: 'succeeded',
};
const takenBack: Leg = {
  ...gateway,
  brings: 'later',
  story: 'starts, and fails in the watch',
  expected: 'rolled-back',
  cause: 'watch',
};

const assistant: Leg = {
  ...production,
  project: 'personal-assistant',
  story: 'tried at its own address, then a tenth, then everybody',
  expected: 'succeeded',
};
const router: Leg = {
  ...production,
  project: 'agency-router',
  story: 'starts throwing in the watch',
  expected: 'rolled-back',
  cause: 'watch',
};

/** They sail at the same time. */
export const scenario: Route[] = [
  [[pastStaging, staging], [proven]],
  [[lantern]],
  [[beacon]],
  [[anchor]],
  [[compass]],
  [[promoted], [rolledBack]],
  [[palace]],
  [[pinned], [takenBack]],
  [[assistant]],
  [[router]],
];

/** A look asks every critical path once. */
const requestsOfALook = 3;
const worker = (name: string): ShipSpec => ({
  ...{ name, at: 'cloudflare', hosts: 0, checks: 'success' },
  ...{ first: workers.good(name, 1), next: workers.good(name, 2) },
});
const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;

export const demoShips: ShipSpec[] = [
  { ...good, name: 'harbor', hosts: 1, staging: true },
  { ...good, name: 'lantern', hosts: 2, next: samples.failsLater(lookOfFailure * 2) },
  { ...good, name: 'beacon', hosts: 1 },
  { ...good, name: 'anchor', hosts: 1, next: samples.plantedSecret(), checks: 'failure' },
  { ...good, name: 'compass', hosts: 1 },
  {
    ...{ ...good, name: 'barber-crm', at: 'vercel', hosts: 0 },
    later: samples.failsLater(lookOfFailure),
  },
  { ...good, name: 'delhi-palace', at: 'vercel', hosts: 0 },
  {
    ...{ ...good, name: 'openclaw-gateway', at: 'northflank', hosts: 0 },
    later: samples.failsLater(lookOfFailure),
  },
  { ...worker('personal-assistant'), environment: { rollout: 'gradual' } },
  {
    ...worker('agency-router'),
    next: workers.throwsLater('agency-router', lookOfFailure * requestsOfALook),
  },
];
