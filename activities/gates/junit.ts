import { leavesOutFiles } from '../../domain/gates/tests.ts';
import type { JunitReport } from '../../domain/gates/tests.ts';
import { producerOf, type Producer } from './junit-producer.ts';
import { isBroken, resultOf, unknownText, type Result } from './junit-result.ts';
import { attribute, children, nameOf, parseXml, type Node } from './junit-xml.ts';

const declared = (node: Node, ...names: string[]) =>
  names.reduce((sum, name) => sum + (Number(attribute(node, name) ?? 0) || 0), 0);

const counts = ['tests', 'failures', 'errors', 'skipped', 'disabled'];
/**
 * True if a suite declares a number that cannot be read, such as "1,000". An empty text counts as
 * no number.
 */
const hasUnreadableNumber = (suite: Node): boolean =>
  counts.some((name) => !/^\s*(\d+(\.0+)?)?\s*$/.test(attribute(suite, name) ?? '')) ||
  innerOf(suite).some(hasUnreadableNumber);

type Test = { name: string; result: Result; node: Node };
type Tally = {
  tests: Test[];
  /** The number of failures, including the excused failures. */
  failures: number;
  /** Tests that the suite declares but does not contain. */
  absent: number;
  /** Skipped tests that the suite declares but does not name. */
  unnamedSkips: number;
  /**
   * Planned tests (`test.todo`). If the report does not say which tests are planned, `among` has
   * the names of all tests that may be planned.
   */
  todo: { count: number; among: string[] };
};

/** Elements that contain no suite and no test case. */
const leaves = new Set([
  ...['testcase', 'failure', 'error', 'skipped', 'properties', 'system-out', 'system-err'],
]);

/** Returns the suites inside a suite. A suite may also be inside another element of the suite. */
const innerOf = (suite: Node): Node[] =>
  Object.entries(suite).flatMap(([name, value]) =>
    /^[@#?]/.test(name) || leaves.has(name) || typeof value !== 'object' || value === null
      ? []
      : children(suite, name),
  );

const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
const isSkipped = ({ result }: Test) => result.kind === 'skipped';
const isExcused = ({ result }: Test) => result.kind === 'skipped' && result.excused;
const isFailed = ({ result }: Test) => result.kind === 'failed';

/**
 * Counts the tests and failures of a suite. At every level, uses the larger of the declared number
 * and the counted number. A suite that failed before its first test declares failures but contains
 * no test cases.
 */
function tally(suite: Node, producer: Producer | null): Tally {
  const { own, todo } = ownOf(suite, producer);
  const inner = innerOf(suite).map((one) => tally(one, producer));
  const tests = [...own, ...inner.flatMap((one) => one.tests)];
  const failed = own.filter((one) => isFailed(one) || isExcused(one)).length;
  const counted = failed + (isBroken(suite) ? 1 : 0) + sum(inner.map(({ failures }) => failures));
  const absent = declared(suite, 'tests') - tests.length;
  const skips = declared(suite, 'skipped', 'disabled') - tests.filter(isSkipped).length;
  const todos = [todo, ...inner.map((one) => one.todo)];
  return {
    tests,
    failures: Math.max(counted, declared(suite, 'failures', 'errors')),
    absent: Math.max(absent, sum(inner.map((one) => one.absent))),
    unnamedSkips: Math.max(skips, sum(inner.map((one) => one.unnamedSkips))),
    todo: {
      count: sum(todos.map(({ count }) => count)),
      among: todos.flatMap(({ among }) => among),
    },
  };
}

/**
 * Returns the test cases of a suite. Jest-junit writes a planned test (`test.todo`) like a test
 * that passed in 0 ms, but does not count it in the attribute `tests`. If the suite has more tests
 * of 0 ms than planned tests, it is unknown which tests are planned. Then `todo` contains the
 * number of planned tests and the names of all tests of 0 ms.
 */
function ownOf(suite: Node, producer: Producer | null): Pick<Tally, 'todo'> & { own: Test[] } {
  const own = children(suite, 'testcase').map((node): Test => ({
    node,
    name: nameOf(node),
    result: resultOf(node),
  }));
  const extra = own.length - declared(suite, 'tests');
  if (producer !== 'jest-junit' || extra <= 0) return { own, todo: { count: 0, among: [] } };
  const isInstant = ({ node, result }: Test) =>
    result.kind === 'passed' && Number(attribute(node, 'time') ?? 0) === 0;
  const instant = own.filter(isInstant);
  if (instant.length > extra)
    return { own, todo: { count: extra, among: instant.map(({ name }) => name) } };
  const planned = own.map((one) =>
    instant.includes(one) ? { ...one, result: { kind: 'skipped', excused: false } as const } : one,
  );
  return { own: planned, todo: { count: 0, among: [] } };
}

const passedIn = (tests: readonly Test[]) =>
  tests.filter(({ result }) => result.kind === 'passed').map(({ name }) => name);

type Unnamed = NonNullable<JunitReport['unnamed']>;
const none: Unnamed = { count: 0, among: [] };

/**
 * Returns the tests that did not run and that the report does not name. Returns 'partial' if the
 * report does not contain all tests that ran.
 *
 * - Mocha-junit-reporter declares every test of a suite. It does not name pending tests, or tests
 *   that --grep or .only excluded.
 * - Pytest also declares each subtest that passed. These subtests ran, but are not test cases.
 */
function unnamedIn(counted: Tally, producer: Producer | null): Unnamed | 'partial' {
  const { tests, absent, unnamedSkips, todo } = counted;
  const isExcusing = producer === 'mocha-junit-reporter' || producer === 'pytest';
  if (absent > unnamedSkips && !isExcusing) return 'partial';
  if (unnamedSkips > absent + passedIn(tests).length) return 'partial';
  const count = producer === 'mocha-junit-reporter' ? Math.max(absent, unnamedSkips) : unnamedSkips;
  if (count > 0) return { count, among: absent > 0 ? null : passedIn(tests) };
  return todo;
}

/**
 * Combines several reports. If a report is malformed or partial, the result is also malformed or
 * partial.
 */
export function readJunits(xmls: readonly string[]): Read {
  const reports = xmls.map(readJunit);
  const bad = reports.find((report) => typeof report === 'string');
  const good = reports.filter((report) => typeof report === 'object');
  if (bad !== undefined || good.length === 0) return bad ?? 'malformed';
  const unnamed = good.flatMap((report) => report.unnamed ?? []);
  const among = unnamed.map((one) => one.among);
  const numbers = {
    tests: sum(good.map(({ tests }) => tests)),
    failures: sum(good.map(({ failures }) => failures)),
    skipped: good.flatMap(({ skipped }) => skipped),
    names: good.flatMap(({ names = [] }) => names),
  };
  return reportOf(numbers, {
    unknown: good.flatMap(({ unknown = [] }) => unknown),
    unnamed: {
      count: sum(unnamed.map(({ count }) => count)),
      among: among.includes(null) ? null : among.flatMap((names) => names ?? []),
    },
    producer: foremost(good.flatMap(({ producer }) => producer ?? [])),
  });
}

/**
 * Some programs write reports that do not contain lost test files. Returns such a program if it
 * wrote one of the reports. If not, returns the program of the first report.
 */
const foremost = (producers: readonly Producer[]): Producer | null =>
  producers.find(leavesOutFiles) ?? producers[0] ?? null;

type Numbers = Omit<JunitReport, 'unknown' | 'unnamed' | 'producer'>;
type Extras = { unknown: string[]; unnamed: Unnamed; producer: Producer | null };

/** Makes a report. Leaves out `unknown`, `unnamed` and `producer` if they are empty. */
const reportOf = (numbers: Numbers, { unknown, unnamed, producer }: Extras): JunitReport => ({
  ...numbers,
  ...(unknown.length > 0 ? { unknown } : {}),
  ...(unnamed.count > 0 ? { unnamed } : {}),
  ...(producer === null ? {} : { producer }),
});

/**
 * 'malformed' = the text is not a report. 'partial' = the report declares more tests than it
 * contains.
 */
type Read = JunitReport | 'malformed' | 'partial';

/** Reads the numbers of a JUnit XML report. */
export function readJunit(xml: string): Read {
  const document = parseXml(xml);
  if (document === null || !('testsuites' in document || 'testsuite' in document))
    return 'malformed';
  const [root = document] = children(document, 'testsuites');
  if (hasUnreadableNumber(root)) return 'malformed';
  const producer = producerOf(root);
  const counted = tally(root, producer);
  const { tests } = counted;
  const failures = counted.failures - tests.filter(isExcused).length;
  const unnamed = unnamedIn(counted, producer);
  if (failures === 0 && unnamed === 'partial') return 'partial';
  const known = unnamed === 'partial' ? none : unnamed;
  const numbers = {
    tests: tests.length + (known.among === null ? counted.absent : 0),
    failures,
    skipped: tests.filter(isSkipped).map(({ name }) => name),
    names: tests.map(({ name }) => name),
  };
  const unknown = tests.flatMap(({ node, result }) =>
    result.kind === 'unknown' ? unknownText(node, result.word) : [],
  );
  return reportOf(numbers, { unknown, unnamed: known, producer });
}
