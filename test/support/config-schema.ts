import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Node, Pair } from 'yaml';
import { z } from 'zod';
import { Config } from '../../domain/config/config.ts';

type Schema = {
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | false;
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  const?: unknown;
  description?: string;
};

/** The JSON Schema of plimsoll.yaml. The comment above a key in `example` describes that key. */
export function configSchema(example: string): Schema {
  const schema = z.toJSONSchema(Config, { io: 'input' }) as Schema;
  const { contents } = parseDocument(example);
  // First each platform gets the comments of its own example. Then a key without a comment gets one
  // from the example of another platform.
  for (const members of [ofPlatform, allMembers]) describe(schema, contents, members);
  const person = (role: string) => schema.properties?.[role]?.additionalProperties || {};
  const requester = person('requesters').properties ?? {};
  for (const [key, { description }] of Object.entries(person('approvers').properties ?? {}))
    if (description && requester[key]) requester[key].description ??= description;
  const description =
    'plimsoll.yaml: the projects, their environments and the people who may approve';
  return { ...schema, description };
}

/** The paths of all keys in the schema that have no description. */
export function unexplained(schema: Schema, path = ''): string[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const at = `${path}.${key}`.slice(path === '' ? 1 : 0);
    return [...(child.description ? [] : [at]), ...unexplained(child, at)];
  });
  const names = schema.additionalProperties || undefined;
  const inside = [names, schema.items, ...(membersOf(schema) ?? [])].filter(
    (child) => child !== undefined,
  );
  return [...own, ...inside.flatMap((child) => unexplained(child, `${path}.*`))];
}

/** The members of a union whose keys need a description: of platforms, or the form with keys. */
function membersOf({ oneOf, anyOf }: Schema): Schema[] | undefined {
  const withKeys = anyOf?.filter(({ properties }) => properties);
  return oneOf ?? (withKeys?.length === 1 ? withKeys : undefined);
}

type Members = (schema: Schema, value: Node | null) => Schema[];

const allMembers: Members = (schema) => membersOf(schema) ?? [schema];

const ofPlatform: Members = (schema, value) =>
  schema.oneOf?.filter(
    ({ properties }) => isMap(value) && properties?.['platform']?.const === value.get('platform'),
  ) ?? [schema];

function describe(schema: Schema, node: Node | null, members: Members, over?: string): void {
  if (isSeq(node)) {
    const above = node.commentBefore ?? undefined;
    return node.items.forEach((item) => describe(schema.items ?? {}, item as Node, members, above));
  }
  if (!isMap(node)) return;
  node.items.forEach((pair, index) => {
    const above = index === 0 ? (node.commentBefore ?? over) : undefined;
    describePair(schema, pair as Pair<Node, Node>, members, above);
  });
}

function describePair(
  schema: Schema,
  { key, value }: Pair<Node, Node>,
  members: Members,
  above?: string,
) {
  const name = isScalar(key) ? String(key.value) : '';
  const child = schema.properties?.[name];
  const comment = key.commentBefore ?? above;
  if (child && comment) child.description ??= sentence(comment);
  const next = child ?? (schema.additionalProperties || {});
  for (const member of members(next, value)) describe(member, value, members);
}

/** The last paragraph of a comment, in one line. That paragraph stands directly above the key. */
const sentence = (comment: string) =>
  (comment.split(/\n\s*\n/).at(-1) ?? '')
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
    .trim();
