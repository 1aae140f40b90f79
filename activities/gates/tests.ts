import { readOr } from '../lib/read-or.ts';
import type { GateSubject } from '../../domain/contract/activities.ts';
import type { GateReport } from '../../domain/deploy/plan.ts';
import { judgeTests, ranIn, reportName } from '../../domain/gates/tests.ts';
import type { TestFacts } from '../../domain/gates/tests.ts';
import type { Config, Project } from '../../domain/config/config.ts';
import type { Git } from '../git/git.ts';
import type { GitHub } from '../github/github.ts';
import type { BranchRules } from '../github/branch-rules.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import { readOwn } from './own-checks.ts';
import { projectOf } from './project-of.ts';
import { reportOf } from './report.ts';
import { readOffThread } from './reports/off-thread.ts';
import { waitForChecks } from './wait-for-checks.ts';

type Deps = {
  config: Pick<Config, 'projects' | 'sandbox' | 'timeScale'>;
  git: Git;
  github: GitHub | null;
};
type Tests = Project['tests'];
type Checks = Pick<TestFacts, 'checkRuns' | 'statuses'>;
type Junit = TestFacts['junit'];

const usualWaitMinutes = 15;

/**
 * Makes the tests gate. The gate collects the commit's check runs and statuses, the checks that the
 * rules of the branch require, and the JUnit report. With `wait`, the gate waits for required
 * checks that have not finished.
 */
export const createTestsGate =
  ({ config, git, github }: Deps) =>
  async ({ plan, wait = false }: { plan: GateSubject; wait?: boolean }): Promise<GateReport> => {
    const project = projectOf(config, plan);
    const { tests, branch } = project;
    const errors: string[] = [];
    const rules = await readOr(
      errors,
      () => withHeartbeat(() => rulesOf(github, plan, branch)),
      noRules,
    );
    const blind = withoutGitHub(github, plan, tests);
    if (blind) errors.push(blind);
    const common = commonFacts({ tests, rules });
    const source = { github, plan, project };
    const read = async (): Promise<TestFacts> => {
      const sourceErrors = [...errors];
      const checks = await readOr(sourceErrors, () => checksOf(github, plan), noChecks);
      const facts = { ...common, ...checks, sourceErrors };
      const own = await readOr(sourceErrors, () => readOwn(source, facts), undefined);
      return own ? { ...facts, own } : facts;
    };
    const timeScale = config.sandbox ? config.timeScale : 1;
    const minutes = wait ? (tests.waitMinutes ?? usualWaitMinutes) : 0;
    const facts = await withHeartbeat(() => waitForChecks({ minutes, timeScale }, read));
    // The gate reads the JUnit report last, because CI may write the report with the last check.
    const sourceErrors = [...facts.sourceErrors];
    const junit = await junitOf({ git, github, plan, tests, sourceErrors });
    const checkRuns = [...facts.checkRuns, ...reportCheck(tests, junit)];
    const judged = judgeTests({
      ...facts,
      required: tests.required,
      checkRuns,
      junit,
      sourceErrors,
    });
    return reportOf('tests', judged, judged.loud);
  };

const noChecks: Checks = { checkRuns: [], statuses: [] };

/** The facts that do not change while the gate waits. */
const commonFacts = ({ tests, rules }: { tests: Tests; rules: BranchRules }) => ({
  // GitHub has no check for the JUnit report, so the gate must not wait for this name.
  required: tests.required.filter((name) => name !== reportName),
  byRules: rules.required,
  rulesRead: rules.read,
  rulesUnavailable: rules.unavailable,
  workflows: rules.workflows,
  otherRules: rules.others,
  ignore: tests.ignore ?? [],
  junit: null,
  critical: tests.critical,
  minimumTests: tests.minimumTests,
});

type Asked = {
  git: Git;
  github: GitHub | null;
  plan: GateSubject;
  tests: Tests;
  sourceErrors: string[];
};

async function junitOf({ git, github, plan, tests, sourceErrors }: Asked): Promise<Junit> {
  const { junit, artifact } = tests;
  if (junit !== undefined) {
    const find = async () => git.readFile(plan.target.repository, plan.sha, junit);
    const xml = await readOr(sourceErrors, find, null);
    if (xml === null) return 'missing';
    const read = await readOffThread('junit', xml);
    if ('report' in read) return read.report;
    sourceErrors.push(`the JUnit report ${junit}, because ${smaller(read.tooMuch)}`);
    return 'unread';
  }
  if (artifact === undefined) return null;
  const read = () => withHeartbeat(() => artifactOf(github, plan, artifact));
  const answer = await readOr<Unpacked>(sourceErrors, read, { why: null });
  if ('junit' in answer) return answer.junit;
  if (answer.why !== null)
    sourceErrors.push(`the artifact "${artifact}" of this commit, because ${answer.why}`);
  return 'unread';
}

type Unpacked = { junit: Junit } | { why: string | null };

async function artifactOf(
  github: GitHub | null,
  { github: repository, sha }: GateSubject,
  name: string,
): Promise<Unpacked> {
  if (!github || !repository)
    return { why: `GitHub is not configured for this project. ${configure}` };
  const artifact = await github.artifactOf(repository, sha, name);
  if ('why' in artifact) return remade(artifact.why);
  const read = await readOffThread('junitZip', artifact.zip);
  if ('tooMuch' in read) return { why: smaller(read.tooMuch) };
  const { report } = read;
  return typeof report === 'object' && 'why' in report ? remade(report.why) : { junit: report };
}

/** Returns the reason and the remedy for a report that is above the limits for reading. */
const smaller = (why: string) =>
  `${why}. Let CI write less into it, for example no output of tests that passed, or split the tests ` +
  'into several reports of an artifact';

const remade = (why: string) => ({
  why: `${why}. Let CI make the artifact again for this commit, or correct tests.artifact in plimsoll.yaml`,
});

const configure = 'Set "github: owner/name" and the token under "github:" in plimsoll.yaml';

async function checksOf(github: GitHub | null, plan: GateSubject): Promise<Checks> {
  if (!github || !plan.github) return noChecks;
  return github.checksOf(plan.github, plan.sha);
}

const noRules: BranchRules = {
  required: [],
  read: [],
  unavailable: [],
  workflows: [],
  others: [],
};

async function rulesOf(github: GitHub | null, plan: GateSubject, branch: string) {
  if (!github || !plan.github) return noRules;
  return github.branchRules(plan.github, branch);
}

/**
 * Returns a source error if the gate needs GitHub but GitHub is not configured, else null. The gate
 * does not need GitHub if the commit contains the JUnit report and no other check is required.
 */
function withoutGitHub(github: GitHub | null, plan: GateSubject, tests: Tests): string | null {
  if (github && plan.github) return null;
  const others = tests.required.filter((name) => name !== reportName);
  if (tests.junit !== undefined && others.length === 0) return null;
  return (
    `the checks of ${plan.project}, because GitHub is not configured for this project. ` +
    `${configure}. Or commit a JUnit report, set tests.junit to its path, and set "required: [${reportName}]"`
  );
}

/**
 * Turns the JUnit report into a check run. A project can therefore require the report like a check,
 * even if no CI reports to GitHub.
 */
function reportCheck({ required }: Tests, junit: Junit): TestFacts['checkRuns'] {
  if (!required.includes(reportName) || junit === null || typeof junit === 'string') return [];
  const isGood = junit.failures === 0 && !junit.unknown && ranIn(junit) > 0;
  const conclusion = isGood ? 'success' : 'failure';
  return [{ name: reportName, status: 'completed', conclusion }];
}
