import { count } from '../messages/parts/numbers.ts';
import { matches } from '../lib/glob.ts';
import { judged, type Judged, list, unread } from './judged.ts';

type CheckRun = { name: string; status: string; conclusion: string | null; appId?: number };
type RequiredCheck = { name: string; appId: number | null };
type CommitStatus = { context: string; state: string };
export type JunitReport = {
  tests: number;
  failures: number;
  /** Names of the skipped tests. */
  skipped: string[];
  /**
   * Names of all tests, if the report lists the names. With `names`, each critical pattern must
   * match at least one test.
   */
  names?: string[];
};

export type TestFacts = {
  /** Names of check runs or status contexts, from plimsoll.yaml. */
  required: string[];
  /**
   * Checks that GitHub's rulesets and branch protection require, in addition to `required`. `appId`
   * null = any app may report the check.
   */
  byRules?: RequiredCheck[];
  /** Why `byRules` could not be read, in GitHub's words; empty = it was read. */
  rulesUnavailable?: string[];
  checkRuns: CheckRun[];
  statuses: CommitStatus[];
  /**
   * null = no report is configured. 'unread' = the report could not be read, and a source error
   * says why.
   */
  junit: JunitReport | null | 'missing' | 'malformed' | 'partial' | 'unread';
  /** Patterns of tests that must never be skipped; `*` stands for any text. */
  critical: string[];
  minimumTests: number;
  /** One sentence for each source that could not be read. */
  sourceErrors: string[];
};

type Check = { name: string; result: string };

/** Check runs and statuses in one shape. The result of an unfinished check is its state. */
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
/** The results that are good enough for a check that is not required. */
const harmless = new Set(['success', 'neutral', 'skipped']);

function whyNot({ name, result }: Check, required: boolean): string | null {
  const what = `${required ? 'required check' : 'check'} "${name}"`;
  if (unfinished.has(result))
    return `${what} is ${result}: the check has not finished. Wait for it, then deploy again.`;
  if (required ? result === 'success' : harmless.has(result)) return null;
  return required && harmless.has(result)
    ? `${what} ended ${result}: only success counts. Run the check on this commit.`
    : `${what} ended ${result}. Fix the failure or run the check again, then deploy again.`;
}

function checksAgainst(facts: TestFacts, checks: readonly Check[]): string[] {
  if (checks.length === 0)
    return [
      'no check reported on this commit, and zero checks prove nothing. Run CI on the commit.',
    ];
  const required = requiredBy(facts);
  const absent = required.filter((name) => !checks.some((check) => check.name === name));
  const failing = checks.map((check) => whyNot(check, required.includes(check.name)));
  return [
    ...absent.map(
      (name) =>
        `required check "${name}" has no result on this commit. Let CI run this check` +
        (facts.required.includes(name)
          ? ', or correct tests.required in plimsoll.yaml.'
          : ': the rules of the branch require it.'),
    ),
    ...failing.filter((why) => why !== null),
    ...(facts.byRules ?? []).flatMap((rule) => appAgainst(rule, facts, absent)),
  ];
}

const requiredBy = ({ required, byRules = [] }: TestFacts) => [
  ...new Set([...required, ...byRules.map(({ name }) => name)]),
];

/** If the branch trusts only one app for a check, a result from another app does not count. */
function appAgainst({ name, appId }: RequiredCheck, facts: TestFacts, absent: string[]): string[] {
  const own = facts.checkRuns.some((run) => run.name === name && run.appId === appId);
  if (appId === null || own || absent.includes(name)) return [];
  return [
    `required check "${name}" was not reported by app ${appId}, which the rules of the branch ` +
      'trust for this check. Let that app run the check.',
  ];
}

function nothingRequired(facts: TestFacts): string[] {
  if (requiredBy(facts).length > 0) return [];
  const { rulesUnavailable: why = [] } = facts;
  const unseen = why.length > 0 ? ` The rules of the branch could not be read (${list(why)}).` : '';
  return [
    'no check is required, so the gate can prove nothing. Name a check in ' +
      `tests.required.${unseen}`,
  ];
}

function junitAgainst({ junit, critical, minimumTests }: TestFacts): string[] {
  if (junit === null) return withoutReport(critical, minimumTests);
  if (junit === 'unread') return [];
  if (junit === 'missing')
    return [
      'the JUnit report is missing in the tree of this commit. ' +
        'Let CI write it, or correct tests.junit in plimsoll.yaml.',
    ];
  if (junit === 'partial')
    return [
      'the JUnit report declares more tests or skips than it contains, so its numbers are ' +
        'unknown. Fix the program that writes or shortens the report. Each subtest needs its own ' +
        'test case.',
    ];
  if (junit === 'malformed' || !isReport(junit))
    return [
      'the JUnit report cannot be parsed, so its numbers are unknown. Fix the program ' +
        'that writes it.',
    ];
  return [...numbersAgainst(junit, minimumTests), ...criticalAgainst(junit, critical)];
}

const isReport = ({ tests, failures }: JunitReport) =>
  [tests, failures].every((number) => Number.isInteger(number) && number >= 0);

const withoutReport = (critical: readonly string[], minimumTests: number) =>
  critical.length > 0 || minimumTests > 0
    ? [
        'tests.critical or tests.minimumTests is set, but there is no JUnit report. Name the ' +
          'report as tests.junit in plimsoll.yaml.',
      ]
    : [];

export const ranIn = ({ tests, skipped }: JunitReport) => tests - skipped.length;

function numbersAgainst(report: JunitReport, minimumTests: number): string[] {
  const { tests, failures } = report;
  const least = Math.max(1, minimumTests);
  return [
    ...(failures > 0
      ? [`JUnit: ${count(failures, 'test')} of ${tests} failed. Fix the failures.`]
      : []),
    ...(ranIn(report) < least
      ? [`JUnit: ${tooFew(report, least)}. Find the tests that did not run.`]
      : []),
  ];
}

function tooFew(report: JunitReport, least: number): string {
  const ran = `${count(ranIn(report), 'test')} ran`;
  const idle = report.skipped.length;
  return idle === 0
    ? `${ran}, but at least ${least} must run`
    : `${ran} and ${idle} ${idle === 1 ? 'was' : 'were'} skipped, but at least ${least} must run`;
}

function criticalAgainst({ skipped, names }: JunitReport, critical: readonly string[]): string[] {
  const skips = skipped.filter((name) => critical.some((pattern) => matches(pattern, name)));
  const idle = critical.filter((pattern) => names && !names.some((name) => matches(pattern, name)));
  return [
    ...(skips.length > 0
      ? [`JUnit: critical tests were skipped: ${list(skips)}. Run these tests.`]
      : []),
    ...idle.map(
      (pattern) =>
        `JUnit: no test fits the critical pattern "${pattern}". ` +
        'Bring the test back, or correct tests.critical in plimsoll.yaml.',
    ),
  ];
}

/**
 * Opens the gate if every required check succeeded, no test failed and no critical test was
 * skipped. Missing data closes the gate.
 */
export function judgeTests(facts: TestFacts): Judged {
  const { junit, sourceErrors } = facts;
  const required = requiredBy(facts);
  const checks = allChecks(facts);
  const silent = junit === 'unread' && sourceErrors.length === 0 ? ['the JUnit report'] : [];
  const against = [
    ...unread([...sourceErrors, ...silent]),
    ...nothingRequired(facts),
    ...checksAgainst(facts, checks),
    ...junitAgainst(facts),
  ];
  const { rulesUnavailable: unseen = [] } = facts;
  const seen = [`${count(required.length, 'required check')} succeeded: ${list(required)}`];
  if (junit !== null && typeof junit === 'object')
    seen.push(`JUnit: ${count(junit.tests, 'test')}, 0 failed, ${junit.skipped.length} skipped`);
  if (unseen.length > 0)
    seen.push(`the checks that the branch requires at GitHub could not be read (${list(unseen)})`);
  return judged(against, seen);
}
