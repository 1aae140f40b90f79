import type { JunitReport } from '../../domain/gates/tests.ts';
import { attribute, attributeNames, children, type Node } from './junit-xml.ts';

export type Producer = NonNullable<JunitReport['producer']>;

/**
 * The programs whose reports have wrong numbers in some attributes. Most reports do not name their
 * program. So these patterns recognize a program by the order of the attributes of a suite. Source:
 * the code of jest-junit 17, mocha-junit-reporter 2.2 and pytest 9.
 */
const suites: Record<Exclude<Producer, 'bun' | 'deno'>, RegExp> = {
  'jest-junit': /^name errors failures skipped timestamp time tests( file)?$/,
  'mocha-junit-reporter':
    /^name timestamp tests( file)?( package hostname id errors)? time failures( skipped)?$/,
  pytest: /^name errors failures skipped tests time timestamp hostname$/,
};

/** The names that Bun and Deno write into the first element of a report. */
const named: Record<string, Producer> = { 'bun test': 'bun', 'deno test': 'deno' };

/** Returns the program that wrote the report, or null for a program whose numbers are exact. */
export function producerOf(root: Node): Producer | null {
  const name = attribute(root, 'name') ?? '';
  if (Object.hasOwn(named, name)) return named[name] ?? null;
  const all = children(root, 'testsuite');
  const found = (Object.keys(suites) as (keyof typeof suites)[]).find((name) =>
    all.every((suite) => suites[name].test(attributeNames(suite).join(' '))),
  );
  if (all.length === 0 || found === undefined) return null;
  return found === 'pytest' && !isPytest(root) ? null : found;
}

/**
 * True for a report of pytest. The names are checked too, because other Python programs write the
 * same attributes.
 */
const isPytest = (root: Node) =>
  attribute(root, 'name') === 'pytest tests' ||
  children(root, 'testsuite').every((suite) => attribute(suite, 'name') === 'pytest');
