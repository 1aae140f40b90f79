import { count } from '../messages/parts/numbers.ts';
import { matches } from '../lib/glob.ts';
import { judged, type Judged, list, unread } from './judged.ts';
import { belonging, belongingStatus, isOfOwnRun, isOwnJob, noOwnFacts } from './own-checks.ts';
import type { OwnFacts } from './own-checks.ts';

type CheckRun = {
  /** A newer run of the same check has a higher id. */
  id?: number;
  name: string;
  status: string;
  conclusion: string | null;
  appId?: number;
  /** The check suite of the run. Each workflow run of GitHub Actions has its own suite. */
  suite?: number;
};
type RequiredCheck = { name: string; appId: number | null };
type CommitStatus = { context: string; state: string };
export type JunitReport = {
  tests: number;
  failures: number;
  /** Names of the skipped tests. */
  skipped: string[];
  /**
   * Tests whose result is a word that Plimsoll does not know. Each text contains the name of the
   * test and the word.
   */
  unknown?: string[];
  /**
   * Tests that did not run and that the report does not name. `among`: names in the report that may
   * be names of these tests; null = their names are not in the report.
   */
  unnamed?: { count: number; among: string[] | null };
  /** The program that wrote the report, if Plimsoll treats its reports in a special way. */
  producer?: 'jest-junit' | 'mocha-junit-reporter' | 'pytest' | 'bun' | 'deno';
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
  /** The sources of `byRules` that were read, such as "rulesets". */
  rulesRead?: string[];
  /**
   * The reasons why sources of `byRules` could not be read, in GitHub's words; empty = all sources
   * were read.
   */
  rulesUnavailable?: string[];
  /** Paths of the workflows that rulesets require. */
  workflows?: string[];
  /** Rules for merges that no check of this commit can prove. */
  otherRules?: string[];
  /**
   * Checks that may fail, unless they are required. `check` is a pattern; `*` stands for any text.
   */
  ignore?: { check: string; reason: string }[];
  own?: OwnFacts;
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

type Check = {
  name: string;
  suite: number | null;
  /** The conclusion of a finished check, or the state of an unfinished check. */
  result: string;
  required: boolean;
  /**
   * The reason why the check belongs to the deploy itself; null = the check is independent of the
   * deploy.
   */
  own: string | null;
  /** The entry of `ignore` that matches the check; null = none. */
  ignored: { check: string; reason: string } | null;
  /** true: the check is the job that requested the deploy. This job waits for this gate. */
  isAsking: boolean;
  /** true: the check is a job of the workflow run that requested the deploy. */
  ofOwnRun: boolean;
};

/**
 * Returns the newest run of each check in each suite. GitHub counts each suite separately. So a
 * passed run of one suite does not replace a failed run of another suite.
 */
const newest = (runs: readonly CheckRun[]) =>
  runs.filter(
    ({ id, name, suite }) =>
      id === undefined ||
      suite === undefined ||
      !runs.some((other) => other.name === name && other.suite === suite && (other.id ?? 0) > id),
  );

/** Returns all check runs and statuses, as values of the same type. */
function allChecks(facts: TestFacts): Check[] {
  const { checkRuns, statuses, ignore = [], own = noOwnFacts } = facts;
  const required = requiredBy(facts);
  const common = (name: string) => ({
    name,
    required: required.includes(name),
    ignored: ignore.find(({ check }) => matches(check, name)) ?? null,
  });
  return [
    ...newest(checkRuns).map((run) => ({
      ...common(run.name),
      suite: run.suite ?? null,
      result: run.status === 'completed' ? (run.conclusion ?? 'without a conclusion') : run.status,
      own: belonging(own, run),
      isAsking: isOwnJob(own, run),
      ofOwnRun: isOfOwnRun(own, run),
    })),
    ...statuses.map(({ context, state }) => ({
      ...common(context),
      suite: null,
      result: state,
      own: belongingStatus(own, context),
      isAsking: false,
      ofOwnRun: false,
    })),
  ];
}

const unfinished = new Set(['queued', 'in_progress', 'waiting', 'requested', 'pending']);
/** A check that is not required does not close the gate if it has one of these results. */
const harmless = new Set(['success', 'neutral', 'skipped']);

const isUnfinished = ({ result }: Check) => unfinished.has(result);
const isGood = ({ result, required }: Check) =>
  required ? result === 'success' : harmless.has(result);
/**
 * Returns true if the gate ignores the check: its failure does not close the gate, and the gate
 * does not wait for it.
 */
const isLeftOut = ({ required, own, ignored }: Check) =>
  !required && (own !== null || ignored !== null);
const isFailed = (check: Check) => !isUnfinished(check) && !isGood(check) && !isLeftOut(check);

/** Writes a text as YAML. A JSON string is valid YAML. */
const yaml = (text: string) => JSON.stringify(text);

const underTests = (line: string) =>
  `add under "tests" in plimsoll.yaml: ${line}. Then start the worker again`;

function whyNot(check: Check, facts: TestFacts, all: readonly Check[]): string | null {
  const { name, result, required } = check;
  const what = `${required ? 'required check' : 'check'} "${name}"`;
  if (isUnfinished(check)) return required ? whyUnfinished(check, what, facts) : null;
  if (!isFailed(check)) return null;
  if (required && harmless.has(result))
    return `${what} ended ${result}: only success counts. Run the check on this commit.`;
  const runs = all.filter((other) => other.name === name);
  const failed = runs.filter(isFailed).length;
  const where = runs.length > 1 ? ` in ${failed} of its ${runs.length} runs on this commit` : '';
  const fix = 'Fix the failure or run the check again, then deploy again.';
  const ignored = check.ignored
    ? ` tests.ignore has ${yaml(check.ignored.check)}, but a required check always counts.`
    : '';
  return `${what} ended ${result}${where}. ${fix}${required ? ignored : wayOut(check, facts)}`;
}

/**
 * Returns the text about a required check that has not finished. The job that requested the deploy
 * can never finish first, because this job waits for the gate.
 */
function whyUnfinished(check: Check, what: string, facts: TestFacts): string {
  const { name, result, isAsking, ofOwnRun } = check;
  const where = facts.required.includes(name)
    ? 'tests.required in plimsoll.yaml'
    : 'the rules of the branch at GitHub';
  if (isAsking)
    return (
      `${what} is ${result}: it is the job that requested this deploy, so it cannot finish before ` +
      `this gate opens. Take it out of ${where}, then deploy again.`
    );
  const may = ofOwnRun
    ? ` If this check is the job that requested this deploy, remove it from ${where}.`
    : '';
  return `${what} is ${result}: the check has not finished. Wait for the check, then deploy again.${may}`;
}

/** Names the setting to add, so that this failed check does not close the gate any more. */
function wayOut({ name, ofOwnRun }: Check, { own = noOwnFacts }: TestFacts): string {
  const { ci, deployJobs, unavailable } = own;
  const ignore = underTests(
    `ignore: [{ check: ${yaml(name)}, reason: "say why it does not count" }]`,
  );
  if (ci && ofOwnRun && !Object.hasOwn(deployJobs, ci.job)) {
    const named = underTests(`deployJobs: { ${yaml(ci.job)}: ${yaml(name)} }`);
    return ` If this check is the job that requested this deploy, ${named}. If this check must not count, ${ignore}.`;
  }
  const requests = Object.values(deployJobs).includes(name)
    ? ' This check is a job that requests deploys, but it did not request this deploy' +
      (unavailable.length > 0 ? `, or GitHub did not show its run (${list(unavailable)}).` : '.')
    : '';
  return `${requests} If this check must not count, ${ignore}.`;
}

function checksAgainst(facts: TestFacts, checks: readonly Check[]): string[] {
  if (checks.length === 0)
    return [
      'no check reported on this commit, and zero checks prove nothing. Run CI on the commit.',
    ];
  const absent = absentOf(facts, checks);
  const failing = checks.map((check) => whyNot(check, facts, checks));
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

const absentOf = (facts: TestFacts, checks: readonly Check[]) =>
  requiredBy(facts).filter((name) => !checks.some((check) => check.name === name));

/**
 * Returns the names of all required checks. The sources are plimsoll.yaml, the rules of the branch,
 * and the jobs of required workflows that ran on this commit.
 */
function requiredBy({ required, byRules = [], workflows = [], own, checkRuns }: TestFacts) {
  const suites = (own?.runs ?? [])
    .filter(({ path }) => workflows.includes(path))
    .map(({ suite }) => suite);
  const ofWorkflows = checkRuns.filter(
    ({ suite }) => suite !== undefined && suites.includes(suite),
  );
  return [
    ...new Set([
      ...required,
      ...byRules.map(({ name }) => name),
      ...ofWorkflows.map(({ name }) => name),
    ]),
  ];
}

/**
 * Returns the reasons why results of a required check do not count: the rules of the branch trust
 * only one app for this check, and the results come from other apps.
 */
function appAgainst({ name, appId }: RequiredCheck, facts: TestFacts, absent: string[]): string[] {
  const own = facts.checkRuns.some((run) => run.name === name && run.appId === appId);
  if (appId === null || own || absent.includes(name)) return [];
  return [
    `required check "${name}" was not reported by app ${appId}, which the rules of the branch ` +
      'trust for this check. Let that app run the check.',
  ];
}

/** Returns the failed checks that close the gate, with their suites. */
export const failedChecks = (facts: TestFacts): { name: string; suite: number | null }[] =>
  allChecks(facts)
    .filter(isFailed)
    .map(({ name, suite }) => ({ name, suite }));

/**
 * Returns the names of the required checks for which the gate should wait. Empty if every required
 * check has finished, or if another reason closes the gate. A required check without a result is in
 * the list only while another check runs: GitHub shows a job only after the earlier jobs have
 * ended.
 */
export function waitsFor(facts: TestFacts): string[] {
  const checks = allChecks(facts);
  if (facts.sourceErrors.length > 0 || checks.some(isFailed)) return [];
  const open = checks.filter(isUnfinished);
  if (open.some(({ required, isAsking }) => required && isAsking)) return [];
  const running = open.filter(({ required }) => required).map(({ name }) => name);
  const others = open.some(({ own }) => own === null);
  return [...new Set([...running, ...(others ? absentOf(facts, checks) : [])])];
}

function nothingRequired(facts: TestFacts, checks: readonly Check[]): string[] {
  if (requiredBy(facts).length > 0) return [];
  const { rulesUnavailable: why = [] } = facts;
  const unseen =
    why.length > 0 ? ` GitHub did not show the rules of the branch (${list(why)}).` : '';
  const good = checks.filter((check) => check.result === 'success' && !isLeftOut(check));
  const names = [...new Set(good.map(({ name }) => name))].slice(0, 3);
  const line = `required: [${(names.length > 0 ? names : ['name of a check']).map(yaml).join(', ')}]`;
  return [
    `no check is required, so the gate can prove nothing. To require one, ${underTests(line)}.${unseen}`,
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
  return [
    ...unknownAgainst(junit),
    ...numbersAgainst(junit, minimumTests),
    ...criticalAgainst(junit, critical),
  ];
}

const unknownAgainst = ({ unknown = [] }: JunitReport) =>
  unknown.length === 0
    ? []
    : [
        `JUnit: the result of ${count(unknown.length, 'test')} is not known: ${list(unknown)}. ` +
          'Plimsoll knows the words passed, failed and skipped. Let the program that writes the ' +
          'report use these words, or leave the word out.',
      ];

const isReport = ({ tests, failures }: JunitReport) =>
  [tests, failures].every((number) => Number.isInteger(number) && number >= 0);

const withoutReport = (critical: readonly string[], minimumTests: number) =>
  critical.length > 0 || minimumTests > 0
    ? [
        'tests.critical or tests.minimumTests is set, but there is no JUnit report. Set tests.junit ' +
          'in plimsoll.yaml to the path of the report.',
      ]
    : [];

/** Returns the number of tests that did not run. */
const idleIn = ({ skipped, unnamed }: JunitReport) => skipped.length + (unnamed?.count ?? 0);

/** Returns the number of tests that ran and have a known result. */
export const ranIn = (report: JunitReport): number =>
  report.tests - idleIn(report) - (report.unknown?.length ?? 0);

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
  const idle = idleIn(report);
  return idle === 0
    ? `${ran}, but at least ${least} must run`
    : `${ran} and ${idle} ${idle === 1 ? 'was' : 'were'} skipped, but at least ${least} must run`;
}

function criticalAgainst(report: JunitReport, critical: readonly string[]): string[] {
  const { skipped, names } = report;
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
    ...unnamedAgainst(report, critical),
  ];
}

/** A critical test may be among the tests that did not run and that the report does not name. */
function unnamedAgainst({ unnamed, producer }: JunitReport, critical: readonly string[]): string[] {
  if (!unnamed || critical.length === 0) return [];
  const { among } = unnamed;
  const possible = among?.filter((name) => critical.some((pattern) => matches(pattern, name)));
  if (possible?.length === 0) return [];
  const what = `JUnit: ${count(unnamed.count, 'test')} did not run, and the report does not say which`;
  const which = possible ? `. A critical test may be among them: ${list(possible)}` : '';
  return [`${what}${which}. ${remedyOf(producer)}`];
}

function remedyOf(producer: JunitReport['producer']): string {
  if (producer === 'mocha-junit-reporter')
    return (
      'Set includePending: true for mocha-junit-reporter, and run the tests without --grep and ' +
      '.only. Or remove tests.critical from plimsoll.yaml.'
    );
  if (producer === 'jest-junit')
    return (
      'jest-junit writes test.todo like a test that passed. Write these tests or remove them, or ' +
      'correct tests.critical in plimsoll.yaml.'
    );
  return 'Let the report name every skipped test, or remove tests.critical from plimsoll.yaml.';
}

/**
 * Returns one line for each failed check that did not close the gate. Every approver must read
 * these lines.
 */
const ignoredLines = (checks: readonly Check[]) =>
  checks
    .filter(isExcused)
    .map(
      ({ name, result, ignored }) =>
        `check "${name}" ended ${result} and is ignored: ${ignored?.reason}`,
    );

/** Returns true if the check failed and would close the gate without an entry of `ignore`. */
const isExcused = ({ result, ignored, own, required }: Check) =>
  ignored !== null && !required && own === null && !unfinished.has(result) && !harmless.has(result);

/**
 * Returns one line for each entry of `ignore` that excuses no failure now. Every plan shows every
 * entry.
 */
const idleLines = (ignore: NonNullable<TestFacts['ignore']>, checks: readonly Check[]) =>
  ignore.flatMap((entry) => {
    const { check, reason } = entry;
    if (checks.some((one) => one.ignored === entry && isExcused(one))) return [];
    const fits = checks.some(({ name }) => matches(check, name));
    return [
      `tests.ignore "${check}" ${fits ? 'excuses no failure now' : 'fits no check here'}: ${reason}`,
    ];
  });

/** The name in `tests.required` that means the JUnit report itself. */
export const reportName = 'junit';

/** The programs whose reports leave out a test file that could not be loaded, and the remedy. */
const leavingOut: Partial<Record<NonNullable<JunitReport['producer']>, [string, string]>> = {
  'jest-junit': [
    'a test file that Jest could not load',
    'Require the check of CI that runs Jest. Or set reportTestSuiteErrors: "true" for jest-junit.',
  ],
  bun: ['a test file that Bun could not load', 'Require the check of CI that runs Bun.'],
  deno: ['a test file that Deno could not load', 'Require the check of CI that runs Deno.'],
};

/** Returns true if a report of this program leaves out a test file that could not be loaded. */
export const leavesOutFiles = (producer: NonNullable<JunitReport['producer']>): boolean =>
  leavingOut[producer] !== undefined;

/**
 * Returns a warning if the only required check is a report that leaves out test files that could
 * not be loaded. Every approver must read this warning.
 */
function blindLines({ junit }: TestFacts, required: readonly string[]): string[] {
  const { producer } = junit !== null && typeof junit === 'object' ? junit : {};
  const [what, remedy] = (producer && leavingOut[producer]) ?? [];
  if (what === undefined || !required.every((name) => name === reportName)) return [];
  return [
    `JUnit: ${producer} wrote the report. The report leaves out ${what}, and no other check is required. ` +
      `${remedy}`,
  ];
}

const reportLine = (report: JunitReport) =>
  `JUnit: ${count(report.tests, 'test')}, 0 failed, ${report.skipped.length} skipped` +
  (report.unnamed ? `, ${report.unnamed.count} did not run and have no name in the report` : '');

/** Returns one line for each further fact about the checks. */
function seenLines(facts: TestFacts, checks: readonly Check[]): string[] {
  const { ignore = [], rulesRead = [], rulesUnavailable: unseen = [], required } = facts;
  const others = otherRules(facts);
  const running = checks.filter((check) => isUnfinished(check) && !check.required);
  return [
    ...checks.flatMap((check) =>
      check.own === null || check.required
        ? []
        : [`check "${check.name}" (${check.result}) does not count: it is ${check.own}`],
    ),
    ...(running.some(({ own }) => own === null)
      ? [
          'these checks are not required, so the gate did not wait for them: ' +
            list(running.filter(({ own }) => own === null).map(({ name }) => name)),
        ]
      : []),
    ...idleLines(ignore, checks),
    `required checks were read from ${list([
      ...(required.length > 0 ? ['tests.required'] : []),
      ...rulesRead,
    ])}${unseen.length > 0 ? `; GitHub did not show: ${list(unseen)}` : ''}`,
    ...(others.length > 0
      ? [`the rules for merges also ask for ${list(others)}; this gate does not check that`]
      : []),
  ];
}

/**
 * Returns the rules for merges that this commit is not proven to meet. Example: a required workflow
 * did not run on this commit.
 */
const otherRules = ({ workflows = [], otherRules: rules = [], own }: TestFacts) => [
  ...workflows
    .filter((path) => !own?.runs.some((run) => run.path === path))
    .map((path) => `the workflow ${path}`),
  ...rules,
];

/**
 * Opens the gate if every required check succeeded, no other check failed and no critical test was
 * skipped. A check that is not required may be unfinished. Missing data closes the gate. `loud`:
 * the failures that `ignore` excuses, and the warning about the report. These lines come first in
 * the report of an open gate.
 */
export function judgeTests(facts: TestFacts): Judged & { loud: string[] } {
  const { junit, sourceErrors } = facts;
  const required = requiredBy(facts);
  const checks = allChecks(facts);
  const silent =
    junit === 'unread' && sourceErrors.length === 0
      ? ['the JUnit report. Let CI write it again, then deploy again']
      : [];
  const against = [
    ...unread([...sourceErrors, ...silent]),
    ...nothingRequired(facts, checks),
    ...checksAgainst(facts, checks),
    ...junitAgainst(facts),
  ];
  const loud = [...ignoredLines(checks), ...blindLines(facts, required)];
  const seen = [
    ...loud,
    `${count(required.length, 'required check')} succeeded: ${list(required)}`,
    ...(junit !== null && typeof junit === 'object' ? [reportLine(junit)] : []),
    ...seenLines(facts, checks),
  ];
  return { ...judged(against, seen), loud: against.length > 0 ? [] : loud };
}
