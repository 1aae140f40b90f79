import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { JunitReport } from '../../domain/gates/tests.ts';

type Node = Record<string, unknown>;

/**
 * Parses a JUnit XML report. Entities that the document itself declares are not expanded, because
 * they could make a small report very large.
 */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseAttributeValue: false,
  parseTagValue: false,
  processEntities: false,
  isArray: (name) => ['testsuite', 'testcase', 'skipped', 'failure', 'error'].includes(name),
});

const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const plain = (text: string) =>
  text.replaceAll(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => named[name] ?? '');

const nodes = (value: unknown): Node[] =>
  (Array.isArray(value) ? value : [value]).map((one) =>
    one !== null && typeof one === 'object' ? (one as Node) : {},
  );
const children = (node: Node, name: string) => (name in node ? nodes(node[name]) : []);
const attribute = (node: Node, name: string) => {
  const value = node[`@${name}`];
  return typeof value === 'string' ? plain(value) : undefined;
};
const declared = (node: Node, name: string) => Number(attribute(node, name) ?? 0) || 0;

/** Returns the name of a test as "class.name", which is the form that most tools show. */
const nameOf = (test: Node) =>
  [attribute(test, 'classname'), attribute(test, 'name') ?? '(unnamed)'].filter(Boolean).join('.');

const idle = new Set(['skipped', 'disabled', 'notrun', 'ignored', 'suppressed']);
const isSkipped = (test: Node) =>
  'skipped' in test ||
  [attribute(test, 'status'), attribute(test, 'result')].some((word) =>
    idle.has(word?.toLowerCase() ?? ''),
  );
const isFailed = (test: Node) => 'failure' in test || 'error' in test;

type Tally = { tests: Node[]; failures: number; isWhole: boolean };

/**
 * Counts the tests and failures of a suite. At every level, compares the declared number of
 * failures with the counted number and takes the larger number. A suite that failed before its
 * first test declares failures but contains no test cases. A suite that contains less than it
 * declares was truncated.
 */
function tally(suite: Node): Tally {
  const own = children(suite, 'testcase');
  const inner = children(suite, 'testsuite').map(tally);
  const tests = [...own, ...inner.flatMap((one) => one.tests)];
  const failed = [suite, ...own].filter(isFailed).length;
  const held = inner.reduce((sum, { failures }) => sum + failures, failed);
  return {
    tests,
    failures: Math.max(held, declared(suite, 'failures') + declared(suite, 'errors')),
    isWhole:
      inner.every((one) => one.isWhole) &&
      declared(suite, 'tests') <= tests.length &&
      declared(suite, 'skipped') + declared(suite, 'disabled') <= tests.filter(isSkipped).length,
  };
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
  return {
    tests: good.reduce((sum, { tests }) => sum + tests, 0),
    failures: good.reduce((sum, { failures }) => sum + failures, 0),
    skipped: good.flatMap(({ skipped }) => skipped),
    names: good.flatMap(({ names = [] }) => names),
  };
}

/**
 * 'malformed' = the text is not a report. 'partial' = the report declares more than it contains.
 */
type Read = JunitReport | 'malformed' | 'partial';

/** Reads the numbers of a JUnit XML report. */
export function readJunit(xml: string): Read {
  const document = parsed(xml);
  if (document === null || !('testsuites' in document || 'testsuite' in document))
    return 'malformed';
  const [root = document] = children(document, 'testsuites');
  const { tests, failures, isWhole } = tally(root);
  if (failures === 0 && !isWhole) return 'partial';
  const skipped = tests.filter(isSkipped).map(nameOf);
  return { tests: tests.length, failures, skipped, names: tests.map(nameOf) };
}

function parsed(xml: string): Node | null {
  if (XMLValidator.validate(xml) !== true) return null;
  try {
    return parser.parse(xml) as Node;
  } catch {
    return null;
  }
}
