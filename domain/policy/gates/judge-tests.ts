import { count } from '../numbers.ts';
import { matches } from './glob.ts';
import { judged, type Judged, list, unread } from './judged.ts';

export type CheckRun = { name: string; status: string; conclusion: string | null; appId?: number };
export type RequiredCheck = { name: string; appId: number | null };
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
  /** What rulesets and branch protection require as well; `appId` null = whoever reports it. */
  byRules?: RequiredCheck[];
  /** Why those could not be seen, in GitHub's words; empty = they were. */
  rulesUnavailable?: string[];
  checkRuns: CheckRun[];
  statuses: CommitStatus[];
  /** null = none configured; `unread`: a source error says why. */
  junit: JunitReport | null | 'missing' | 'malformed' | 'partial' | 'unread';
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
  const required = requiredBy(facts);
  const absent = required.filter((name) => !checks.some((check) => check.name === name));
  const failing = checks.map((check) => whyNot(check, required.includes(check.name)));
  return [
    ...absent.map(
      (name) =>
        `required check "${name}" is absent on this commit: nobody reported it. Let CI run it` +
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

/** A check that anybody may report proves nothing where the branch trusts one app alone. */
function appAgainst({ name, appId }: RequiredCheck, facts: TestFacts, absent: string[]): string[] {
  const own = facts.checkRuns.some((run) => run.name === name && run.appId === appId);
  if (appId === null || own || absent.includes(name)) return [];
  return [
    `required check "${name}" was not reported by app ${appId}, which the rules of the branch ` +
      'trust for it. Let that app run it.',
  ];
}

function nothingRequired(facts: TestFacts): string[] {
  if (requiredBy(facts).length > 0) return [];
  const { rulesUnavailable: why = [] } = facts;
  const unseen = why.length > 0 ? ` The rules of the branch cannot be seen (${list(why)}).` : '';
  return [`no check is required: nothing would be proven. Name one in tests.required.${unseen}`];
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
      'the JUnit report declares more tests or skips than it holds: its numbers are unknown. ' +
        'Mend what writes it, or what cut it; a subtest needs a test case of its own.',
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

export const ranIn = ({ tests, skipped }: JunitReport) => tests - skipped.length;

function numbersAgainst(report: JunitReport, minimumTests: number): string[] {
  const { tests, failures } = report;
  const least = Math.max(1, minimumTests);
  return [
    ...(failures > 0 ? [`JUnit: ${count(failures, 'test')} of ${tests} failed. Mend them.`] : []),
    ...(ranIn(report) < least ? [`JUnit: ${tooFew(report, least)}. Find what was left out.`] : []),
  ];
}

function tooFew(report: JunitReport, least: number): string {
  const ran = `${count(ranIn(report), 'test')} ran`;
  const idle = report.skipped.length;
  return idle === 0
    ? `${ran}, at least ${least} must`
    : `${ran} and ${idle} ${idle === 1 ? 'was' : 'were'} skipped, at least ${least} must run`;
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
    seen.push(`what the branch requires at GitHub cannot be seen (${list(unseen)})`);
  return judged(against, seen);
}
