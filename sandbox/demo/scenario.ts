import type { Cause, Outcome } from '../../domain/deploy/plan.ts';
import type { ProjectSpec } from '../fleet/fleet.ts';
import { samples } from '../samples/samples.ts';
import { workers } from '../samples/workers.ts';

/** One deploy and its expected result. */
export type ScenarioDeploy = {
  project: string;
  environment: 'staging' | 'production';
  story: string;
  decision: 'approve' | 'reject' | null;
  /** The problem that a person reports with `plimsoll flag` during the watch. */
  flag?: string;
  /**
   * The commit to deploy. `next` is the second commit, and `later` is the third commit. If absent,
   * the deploy takes the newest commit of the branch main.
   */
  brings?: 'next' | 'later';
  expected: Outcome;
  /** The expected cause of the rollback. */
  cause?: Cause['kind'];
};
/** The stages run one after the other. The deploys of one stage run at the same time. */
export type DeployChain = ScenarioDeploy[][];

/**
 * The bad release starts and passes the smoke test. After about this number of samples of the
 * watch, the release fails.
 */
const sampleOfFailure = 25;

const production = { environment: 'production', decision: 'approve' } as const;
const harbor = { ...production, project: 'harbor' } as const;

const pastStaging: ScenarioDeploy = {
  ...harbor,
  decision: null,
  story: 'it was never deployed to staging',
  expected: 'gate-closed',
};
const staging: ScenarioDeploy = {
  ...pastStaging,
  environment: 'staging',
  story: 'a good release, first to staging',
  expected: 'succeeded',
};
const proven: ScenarioDeploy = {
  ...harbor,
  story: 'the same commit, proven in staging',
  expected: 'succeeded',
};

const lantern: ScenarioDeploy = {
  ...production,
  project: 'lantern',
  story: 'starts failing in the watch',
  expected: 'rolled-back',
  cause: 'watch',
};
const beacon: ScenarioDeploy = {
  ...production,
  project: 'beacon',
  story: 'a release that all probes find healthy',
  flag: 'customers cannot pay',
  expected: 'rolled-back',
  cause: 'flag',
};
const anchor: ScenarioDeploy = {
  ...production,
  project: 'anchor',
  story: 'failed tests and a token in the code',
  decision: null,
  expected: 'gate-closed',
};
const compass: ScenarioDeploy = {
  ...production,
  project: 'compass',
  story: 'the approver rejects it',
  decision: 'reject',
  expected: 'rejected',
};

const barber = { ...production, project: 'barber-crm' } as const;
const promoted: ScenarioDeploy = {
  ...barber,
  brings: 'next',
  story: 'tested at its own address, then promoted',
  expected: 'succeeded',
};
const rolledBack: ScenarioDeploy = {
  ...barber,
  brings: 'later',
  story: 'fails once people use it',
  expected: 'rolled-back',
  cause: 'watch',
};
const palace: ScenarioDeploy = {
  ...production,
  project: 'delhi-palace',
  story: 'a good release at Vercel',
  expected: 'succeeded',
};

const gateway = { ...production, project: 'openclaw-gateway' } as const;
const pinned: ScenarioDeploy = {
  ...gateway,
  brings: 'next',
  story: 'built by CI, deployed by its build id',
  expected: 'succeeded',
};
const withdrawn: ScenarioDeploy = {
  ...gateway,
  brings: 'later',
  story: 'starts well, then fails in the watch',
  expected: 'rolled-back',
  cause: 'watch',
};

const assistant: ScenarioDeploy = {
  ...production,
  project: 'personal-assistant',
  story: 'tested at its own address, then with 10 % of the traffic, then with all traffic',
  expected: 'succeeded',
};
const router: ScenarioDeploy = {
  ...production,
  project: 'agency-router',
  story: 'starts throwing in the watch',
  expected: 'rolled-back',
  cause: 'watch',
};

/** All chains of the demo. No chain depends on another chain. */
const scenario: DeployChain[] = [
  [[pastStaging, staging], [proven]],
  [[lantern]],
  [[beacon]],
  [[anchor]],
  [[compass]],
  [[promoted], [rolledBack]],
  [[palace]],
  [[pinned], [withdrawn]],
  [[assistant]],
  [[router]],
];

/** Each sample requests every critical path once. */
const requestsOfASample = 3;
const worker = (name: string): ProjectSpec => ({
  ...{ name, at: 'cloudflare', hosts: 0, checks: 'success' },
  ...{ first: workers.good(name, 1), next: workers.good(name, 2) },
});
const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;

const demoProjects: ProjectSpec[] = [
  { ...good, name: 'harbor', hosts: 1, staging: true },
  { ...good, name: 'lantern', hosts: 2, next: samples.failsLater(sampleOfFailure * 2) },
  { ...good, name: 'beacon', hosts: 1 },
  { ...good, name: 'anchor', hosts: 1, next: samples.plantedSecret(), checks: 'failure' },
  { ...good, name: 'compass', hosts: 1 },
  {
    ...{ ...good, name: 'barber-crm', at: 'vercel', hosts: 0 },
    later: samples.failsLater(sampleOfFailure),
  },
  { ...good, name: 'delhi-palace', at: 'vercel', hosts: 0 },
  {
    ...{ ...good, name: 'openclaw-gateway', at: 'northflank', hosts: 0 },
    later: samples.failsLater(sampleOfFailure),
  },
  { ...worker('personal-assistant'), environment: { rollout: 'gradual' } },
  {
    ...worker('agency-router'),
    next: workers.throwsLater('agency-router', sampleOfFailure * requestsOfASample),
  },
];

/**
 * Returns the projects with these names, and their chains. If `names` is null, returns all
 * projects. Throws an error if the demo has no project with one of these names.
 */
export function chosen(names: readonly string[] | null) {
  if (names === null) return { projects: demoProjects, chains: scenario };
  const known = demoProjects.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(
      `The demo has no project ${unknown.join(', ')}. Its projects are: ${known.join(', ')}.`,
    );
  return {
    projects: demoProjects.filter(({ name }) => names.includes(name)),
    chains: scenario.filter((chain) =>
      chain.flat().every(({ project }) => names.includes(project)),
    ),
  };
}
