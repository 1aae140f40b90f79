import type { Problem } from '../../activities/platforms/module.ts';
import { z } from 'zod';
import { nearest } from '../../domain/lib/nearest.ts';
import { Config } from '../../domain/config/config.ts';
import type { Path } from './source.ts';

type Schema = { [key: string]: unknown };
export type { Problem };

/**
 * Turns the issues of zod into sentences for people. For an unknown key, the sentence lists the
 * known keys and suggests the nearest key.
 */
export const explain = (issues: readonly z.core.$ZodIssue[], value: unknown): Problem[] =>
  issues
    .flatMap(ofMeantForm)
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKey(issue.path, key, value))
        : [{ path: issue.path, what: sentence(issue, value) }],
    );

/**
 * Some keys accept several forms. If only one form has the type of the value, returns the issues of
 * this form. Otherwise, returns the issue unchanged.
 */
function ofMeantForm(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.filter(
    (form) => !form.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
  );
  if (meant.length !== 1) return [issue];
  return meant.flatMap((form) =>
    form.map((one) => ({ ...one, path: [...issue.path, ...one.path] })),
  );
}

function unknownKey(path: Path, key: string, value: unknown): Problem {
  const allowed = allowedKeys(path, value);
  const meant = nearest(key, allowed);
  const guess = meant ? ` Did you mean "${meant}"?` : '';
  const what = `"${key}" is not a key that Plimsoll knows.${guess}\nKeys here: ${allowed.join(', ')}.`;
  return { path: [...path, key], what };
}

function sentence(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options))
    return missing(value, issue.path) ?? `Use one of: ${issue.options.join(', ')}.`;
  const absent = missing(value, issue.path);
  if (absent) return absent;
  if (issue.code === 'invalid_key')
    return `This name is not allowed: ${issue.issues[0]?.message ?? issue.message}.`;
  if (issue.code === 'invalid_value') return `Use one of: ${issue.values.join(', ')}.`;
  if (issue.code === 'invalid_type') return `Expected ${kinds[issue.expected] ?? issue.expected}.`;
  const message = issue.message.replace(/\.$/, '');
  return `${message[0]?.toUpperCase()}${message.slice(1)}.`;
}

const kinds: Record<string, string> = {
  array: 'a list',
  object: 'keys and values',
  record: 'names, each with its keys and values',
  string: 'a text',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
};

/** Returns the problem if there is no value at `path`. */
function missing(value: unknown, path: Path): string | undefined {
  return valueAt(value, path) === undefined
    ? `The key "${String(path.at(-1) ?? '')}" is missing.`
    : undefined;
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[step];
  }
  return at;
}

function allowedKeys(path: Path, value: unknown): string[] {
  let schema: Schema = z.toJSONSchema(Config, { io: 'input' });
  path.forEach((step, depth) => {
    schema = variant(stepInto(schema, step), valueAt(value, path.slice(0, depth + 1)));
  });
  return Object.keys((schema['properties'] ?? {}) as Schema);
}

function stepInto(schema: Schema, step: PropertyKey): Schema {
  const properties = (schema['properties'] ?? {}) as Record<string, Schema>;
  return (properties[String(step)] ??
    schema['additionalProperties'] ??
    schema['items'] ??
    {}) as Schema;
}

/**
 * Returns the member of a union that describes the value. With `anyOf`, this is the member that has
 * keys. With `oneOf`, this is the member with the `platform` of the value.
 */
function variant(schema: Schema, value: unknown): Schema {
  const forms = schema['anyOf'] as Schema[] | undefined;
  if (forms) return forms.find((form) => form['properties']) ?? {};
  const members = schema['oneOf'] as Schema[] | undefined;
  if (!members) return schema;
  const platform = (value as { platform?: unknown } | undefined)?.platform;
  const named = (member: Schema) =>
    (member['properties'] as Record<string, Schema>)['platform']?.['const'] === platform;
  return members.find(named) ?? members[0] ?? {};
}
