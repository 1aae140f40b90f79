import type { GateSubject } from '../../domain/activities.ts';
import type { GateReport } from '../../domain/plan.ts';
import { judgeTests } from '../../domain/policy/gates.ts';
import type { TestFacts } from '../../domain/policy/gates.ts';
import type { Config, Project } from '../../domain/schema.ts';
import type { Git } from '../git.ts';
import type { GitHub } from '../github.ts';
import { pulse } from '../git/pulse.ts';
import { readJunit } from './junit.ts';
import { projectOf } from './project-of.ts';
import { readOr, reportOf } from './report.ts';

type Deps = { config: Pick<Config, 'projects'>; git: Git; github: GitHub | null };
type Tests = Project['tests'];
type Checks = Pick<TestFacts, 'checkRuns' | 'statuses'>;

/** The name under `tests.required` that stands for the JUnit report itself. */
const reportName = 'junit';

/** Check runs and statuses of the commit, and the JUnit report in its tree. */
export const createTestsGate =
  ({ config, git, github }: Deps) =>
  async ({ plan }: { plan: GateSubject }): Promise<GateReport> => {
    const { tests } = projectOf(config, plan);
    const sourceErrors: string[] = [];
    const none: Checks = { checkRuns: [], statuses: [] };
    const junit = await readOr(sourceErrors, () => junitOf(git, plan, tests), 'missing' as const);
    const checks = await readOr(sourceErrors, () => pulse(() => checksOf(github, plan)), none);
    const blind = withoutGitHub(github, plan, tests);
    if (blind) sourceErrors.push(blind);
    const own = reportCheck(tests, junit);
    return reportOf(
      'tests',
      judgeTests({
        required: tests.required,
        checkRuns: [...checks.checkRuns, ...own],
        statuses: checks.statuses,
        junit,
        critical: tests.critical,
        minimumTests: tests.minimumTests,
        sourceErrors,
      }),
    );
  };

async function junitOf(git: Git, plan: GateSubject, tests: Tests): Promise<TestFacts['junit']> {
  if (tests.junit === undefined) return null;
  const xml = await git.readFile(plan.target.repository, plan.sha, tests.junit);
  return xml === null ? 'missing' : readJunit(xml);
}

async function checksOf(github: GitHub | null, plan: GateSubject): Promise<Checks> {
  if (!github || !plan.github) return { checkRuns: [], statuses: [] };
  return github.checksOf(plan.github, plan.sha);
}

/** Without GitHub only the report can prove anything, and only where it alone is required. */
function withoutGitHub(github: GitHub | null, plan: GateSubject, tests: Tests): string | null {
  if (github && plan.github) return null;
  const others = tests.required.filter((name) => name !== reportName);
  if (tests.junit !== undefined && others.length === 0) return null;
  return (
    `the checks of ${plan.project}, because GitHub is not configured for it: set "github: owner/name" ` +
    'and the token under "github:" in plimsoll.yaml, or commit a JUnit report, name it as tests.junit ' +
    `and set "required: [${reportName}]"`
  );
}

/** The report as a check of its own, so that it can be required where no CI reports to GitHub. */
function reportCheck({ required }: Tests, junit: TestFacts['junit']): TestFacts['checkRuns'] {
  if (!required.includes(reportName) || junit === null || typeof junit === 'string') return [];
  const conclusion = junit.failures === 0 && junit.tests > 0 ? 'success' : 'failure';
  return [{ name: reportName, status: 'completed', conclusion }];
}
