import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { JunitReport } from '../../domain/policy/gates/judge-tests.ts';

type Node = Record<string, unknown>;

/** No entity of the document is expanded: a report cannot grow beyond its file. */
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

/** "class.name", as the report of most tools shows a test. */
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
 * At every depth what a suite declares counts beside what it holds: one that broke before its tests has failures
 * without a test case, and one that holds less than it declares was cut.
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

/** Several reports as one; no report where one of them is none. */
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

/** 'malformed' = it is no report; 'partial' = what it declares is more than what it holds. */
type Read = JunitReport | 'malformed' | 'partial';

/** The numbers of a JUnit XML report. */
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
