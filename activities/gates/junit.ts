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

function cases(suite: Node): Node[] {
  return [...children(suite, 'testcase'), ...children(suite, 'testsuite').flatMap(cases)];
}

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

/** A suite that broke before its tests has failures without a test case: what it declares counts too. */
const declaredFailures = (roots: readonly Node[]) =>
  roots.reduce((sum, root) => sum + declared(root, 'failures') + declared(root, 'errors'), 0);
const declaredSkips = (roots: readonly Node[]) =>
  roots.reduce((sum, root) => sum + declared(root, 'skipped') + declared(root, 'disabled'), 0);

/** Several reports as one; 'malformed' where one of them is. */
export function readJunits(xmls: readonly string[]): JunitReport | 'malformed' {
  const reports = xmls.map(readJunit);
  const good = reports.filter((report) => report !== 'malformed');
  if (good.length < reports.length || good.length === 0) return 'malformed';
  return {
    tests: good.reduce((sum, { tests }) => sum + tests, 0),
    failures: good.reduce((sum, { failures }) => sum + failures, 0),
    skipped: good.flatMap(({ skipped }) => skipped),
    names: good.flatMap(({ names = [] }) => names),
  };
}

/** The numbers of a JUnit XML report. 'malformed' where it is none, or where its numbers are not its tests. */
export function readJunit(xml: string): JunitReport | 'malformed' {
  if (XMLValidator.validate(xml) !== true) return 'malformed';
  const document = parser.parse(xml) as Node;
  const [outer] = children(document, 'testsuites');
  const suites = outer ? children(outer, 'testsuite') : children(document, 'testsuite');
  if (!outer && suites.length === 0) return 'malformed';
  const tests = suites.flatMap(cases);
  const skipped = tests.filter(isSkipped).map(nameOf);
  if (declaredSkips(suites) > skipped.length) return 'malformed';
  const failures = Math.max(
    tests.filter(isFailed).length,
    declaredFailures(suites),
    outer ? declaredFailures([outer]) : 0,
  );
  return { tests: tests.length, failures, skipped, names: tests.map(nameOf) };
}
