import { count } from '../numbers.ts';
import { matches } from './glob.ts';
import { judged, type Judged, list, unread } from './judged.ts';

export type CheckRun = { name: string; status: string; conclusion: string | null; appId?: number };
export type CommitStatus = { context: string; state: string };
export type JunitReport = {
  tests: number;
  failures: number;
  /** Names of the skipped tests. */
  skipped: string[];
  /**
   * Names of all tests, where the report has them: a critical pattern that fits none is an error.
   */
  names?: string[];
};

export type TestFacts = {
  /** Names of check runs or contexts of statuses, from plimsoll.yaml. */
  required: string[];
  checkRuns: CheckRun[];
  statuses: CommitStatus[];
  /** null = none configured. */
  junit: JunitReport | null | 'missing' | 'malformed';
  /** Patterns of tests that may never be skipped; `*` stands for any text. */
  critical: string[];
  minimumTests: number;
  /** What could not be read, one sentence each. */
  sourceErrors: string[];
};

type Check = { name: string; result: string };

/**
 * One shape for both: a run that is not completed, like a status that is not decided, is its own
 * result.
 */
function allChecks({ checkRuns, statuses }: TestFacts): Check[] {
  return [
    ...checkRuns.map(({ name, status, conclusion }) => ({
      name,
      result: status === 'completed' ? (conclusion ?? 'without a conclusion') : status,
    })),
    ...statuses.map(({ context, state }) => ({ name: context, result: state })),
  ];
}

const unfinished = new Set(['queued', 'in_progress', 'waiting', 'requested', 'pending']);
/** What a check that nobody requires may also end with. */
const harmless = new Set(['success', 'neutral', 'skipped']);

function whyNot({ name, result }: Check, required: boolean): string | null {
  const what = `${required ? 'required check' : 'check'} "${name}"`;
  if (unfinished.has(result))
    return `${what} is ${result}: it has not finished. Wait for it, then deploy again.`;
  if (required ? result === 'success' : harmless.has(result)) return null;
  return required && harmless.has(result)
    ? `${what} ended ${result}: only success counts. Make it run on this commit.`
    : `${what} ended ${result}. Mend it or run it again, then deploy again.`;
}

function checksAgainst(facts: TestFacts, checks: readonly Check[]): string[] {
  if (checks.length === 0)
    return ['no check reported on this commit: zero checks prove nothing. Let CI run on it.'];
  const absent = facts.required.filter((name) => !checks.some((check) => check.name === name));
  const failing = checks.map((check) => whyNot(check, facts.required.includes(check.name)));
  return [
    ...absent.map(
      (name) =>
        `required check "${name}" is absent on this commit: nobody reported it. ` +
        'Let CI run it, or correct tests.required in plimsoll.yaml.',
    ),
    ...failing.filter((why) => why !== null),
  ];
}

function junitAgainst({ junit, critical, minimumTests }: TestFacts): string[] {
  if (junit === null) return withoutReport(critical, minimumTests);
  if (junit === 'missing')
    return [
      'the JUnit report is missing in the tree of this commit. ' +
        'Let CI write it, or correct tests.junit in plimsoll.yaml.',
    ];
  if (junit === 'malformed' || !isReport(junit))
    return ['the JUnit report cannot be parsed: its numbers are unknown. Mend what writes it.'];
  return [...numbersAgainst(junit, minimumTests), ...criticalAgainst(junit, critical)];
}

const isReport = ({ tests, failures }: JunitReport) =>
  [tests, failures].every((number) => Number.isInteger(number) && number >= 0);

const withoutReport = (critical: readonly string[], minimumTests: number) =>
  critical.length > 0 || minimumTests > 0
    ? [
        'tests.critical or tests.minimumTests is set but there is no JUnit report to count in. ' +
          'Name it as tests.junit in plimsoll.yaml.',
      ]
    : [];

function numbersAgainst({ tests, failures }: JunitReport, minimumTests: number): string[] {
  const least = Math.max(1, minimumTests);
  return [
    ...(failures > 0 ? [`JUnit: ${count(failures, 'test')} of ${tests} failed. Mend them.`] : []),
    ...(tests < least
      ? [`JUnit: ${count(tests, 'test')} ran, at least ${least} must. Find what was left out.`]
      : []),
  ];
}

function criticalAgainst({ skipped, names }: JunitReport, critical: readonly string[]): string[] {
  const skips = skipped.filter((name) => critical.some((pattern) => matches(pattern, name)));
  const idle = critical.filter((pattern) => names && !names.some((name) => matches(pattern, name)));
  return [
    ...(skips.length > 0
      ? [`JUnit: critical tests were skipped: ${list(skips)}. Run them; none may be skipped.`]
      : []),
    ...idle.map(
      (pattern) =>
        `JUnit: no test fits the critical pattern "${pattern}". ` +
        'Bring the test back, or correct tests.critical in plimsoll.yaml.',
    ),
  ];
}

/** Zero failures, zero skips of critical tests, every required check a success. */
export function judgeTests(facts: TestFacts): Judged {
  const { required, junit } = facts;
  const checks = allChecks(facts);
  const nothingRequired =
    required.length === 0
      ? ['no check is required: nothing would be proven. Name one in tests.required.']
      : [];
  const against = [
    ...unread(facts.sourceErrors),
    ...nothingRequired,
    ...checksAgainst(facts, checks),
    ...junitAgainst(facts),
  ];
  const seen = [`${count(required.length, 'required check')} succeeded: ${list(required)}`];
  if (junit !== null && typeof junit === 'object')
    seen.push(`JUnit: ${count(junit.tests, 'test')}, 0 failed, ${junit.skipped.length} skipped`);
  return judged(against, seen);
}
