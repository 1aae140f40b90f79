import { readOr } from '../lib/read-or.ts';
import type { GateSubject } from '../../domain/contract/activities.ts';
import type { GateReport } from '../../domain/deploy/plan.ts';
import { judgeTests, ranIn } from '../../domain/gates/tests.ts';
import type { TestFacts } from '../../domain/gates/tests.ts';
import type { Config, Project } from '../../domain/config/config.ts';
import type { Git } from '../git/git.ts';
import type { GitHub } from '../github/github.ts';
import type { BranchRules } from '../github/branch-rules.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import { readJunit, readJunits } from './junit.ts';
import { projectOf } from './project-of.ts';
import { reportOf } from './report.ts';
import { unzip } from './unzip.ts';

type Deps = { config: Pick<Config, 'projects'>; git: Git; github: GitHub | null };
type Tests = Project['tests'];
type Checks = Pick<TestFacts, 'checkRuns' | 'statuses'>;
type Junit = TestFacts['junit'];

/** The name in `tests.required` that means the JUnit report itself. */
const reportName = 'junit';

/**
 * Makes the tests gate. The gate collects the commit's check runs and statuses, the checks that the
 * rules of the branch require, and the JUnit report.
 */
export const createTestsGate =
  ({ config, git, github }: Deps) =>
  async ({ plan }: { plan: GateSubject }): Promise<GateReport> => {
    const { tests, branch } = projectOf(config, plan);
    const sourceErrors: string[] = [];
    const none: Checks = { checkRuns: [], statuses: [] };
    const junit = await junitOf({ git, github, plan, tests, sourceErrors });
    const checks = await readOr(
      sourceErrors,
      () => withHeartbeat(() => checksOf(github, plan)),
      none,
    );
    const rules = await readOr(
      sourceErrors,
      () => withHeartbeat(() => rulesOf(github, plan, branch)),
      noRules,
    );
    const blind = withoutGitHub(github, plan, tests);
    if (blind) sourceErrors.push(blind);
    const own = reportCheck(tests, junit);
    return reportOf(
      'tests',
      judgeTests({
        required: tests.required,
        byRules: rules.required,
        rulesUnavailable: rules.unavailable,
        checkRuns: [...checks.checkRuns, ...own],
        statuses: checks.statuses,
        junit,
        critical: tests.critical,
        minimumTests: tests.minimumTests,
        sourceErrors,
      }),
    );
  };

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
    const read = async () => git.readFile(plan.target.repository, plan.sha, junit);
    const xml = await readOr(sourceErrors, read, null);
    return xml === null ? 'missing' : readJunit(xml);
  }
  if (artifact === undefined) return null;
  const read = () => withHeartbeat(() => artifactOf(github, plan, artifact));
  const answer = await readOr<Xmls>(sourceErrors, read, { why: null });
  if ('xmls' in answer) return readJunits(answer.xmls);
  if (answer.why !== null)
    sourceErrors.push(`the artifact "${artifact}" of this commit, because ${answer.why}`);
  return 'unread';
}

type Xmls = { xmls: string[] } | { why: string | null };

async function artifactOf(
  github: GitHub | null,
  { github: repository, sha }: GateSubject,
  name: string,
): Promise<Xmls> {
  if (!github || !repository) return { why: 'GitHub is not configured for this project' };
  const artifact = await github.artifactOf(repository, sha, name);
  if ('why' in artifact) return artifact;
  const unzipped = await unzip(artifact.zip, '.xml');
  if ('why' in unzipped) return unzipped;
  return unzipped.texts.length > 0 ? { xmls: unzipped.texts } : { why: 'it holds no .xml file' };
}

async function checksOf(github: GitHub | null, plan: GateSubject): Promise<Checks> {
  if (!github || !plan.github) return { checkRuns: [], statuses: [] };
  return github.checksOf(plan.github, plan.sha);
}

const noRules: BranchRules = { required: [], unavailable: [] };

async function rulesOf(github: GitHub | null, plan: GateSubject, branch: string) {
  if (!github || !plan.github) return noRules;
  return github.branchRules(plan.github, branch);
}

/**
 * Returns a source error if GitHub is needed but not configured, else null. GitHub is not needed if
 * there is a JUnit report in the commit and no other check is required.
 */
function withoutGitHub(github: GitHub | null, plan: GateSubject, tests: Tests): string | null {
  if (github && plan.github) return null;
  const others = tests.required.filter((name) => name !== reportName);
  if (tests.junit !== undefined && others.length === 0) return null;
  return (
    `the checks of ${plan.project}, because GitHub is not configured for this project. ` +
    'Set "github: owner/name" and the token under "github:" in plimsoll.yaml. ' +
    `Or commit a JUnit report, set tests.junit to its path, and set "required: [${reportName}]"`
  );
}

/**
 * Turns the JUnit report into a check run. A project can therefore require the report like a check,
 * even if no CI reports to GitHub.
 */
function reportCheck({ required }: Tests, junit: Junit): TestFacts['checkRuns'] {
  if (!required.includes(reportName) || junit === null || typeof junit === 'string') return [];
  const conclusion = junit.failures === 0 && ranIn(junit) > 0 ? 'success' : 'failure';
  return [{ name: reportName, status: 'completed', conclusion }];
}
