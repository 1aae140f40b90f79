import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { z } from 'zod';

/**
 * Schemas of Slack's answers, made from the types of the installed @slack/web-api. A field that the
 * types do not have is refused. In the types every field is optional, so slack-contract.ts says
 * which fields must be there.
 */
const files = dirname(createRequire(import.meta.url).resolve('@slack/web-api'));

const fileOf = (method: string) => {
  const name = method.split('.').map((part) => part[0]?.toUpperCase() + part.slice(1));
  return `${files}/types/response/${name.join('')}Response.d.ts`;
};

/** What @slack/web-api itself adds to every answer. Source: WebAPICallResult in WebClient.d.ts. */
const addedByClient = { ok: z.literal(true), response_metadata: z.unknown().optional() };

type Types = Map<string, z.ZodType>;

const simple: Record<string, z.ZodType> = {
  string: z.string(),
  number: z.number(),
  boolean: z.boolean(),
  any: z.unknown(),
};

/** Reads a type such as "Purpose[]" or "DescriptionElement | string". */
function typeOf(text: string, types: Types): z.ZodType {
  const parts = text.split(' | ').map((part) => {
    const isList = part.endsWith('[]');
    const name = isList ? part.slice(0, -2) : part;
    const one = simple[name] ?? z.lazy(() => types.get(name) ?? missing(name));
    return isList ? z.array(one) : one;
  });
  return parts.length === 1 && parts[0] ? parts[0] : z.union(parts);
}

const missing = (name: string): never => {
  throw new Error(`The types of @slack/web-api have no ${name}.`);
};

/** Reads the lines between the braces of a type. */
function fieldsOf(lines: readonly string[], types: Types) {
  const fields: Record<string, z.ZodType> = {};
  for (let at = 0; at < lines.length; at += 1) {
    const [, name = '', text = ''] = /^ {4}"?([^"?:]+)"?\??: (.+)$/.exec(lines[at] ?? '') ?? [];
    if (text === '{') {
      const end = lines.indexOf('    };', at);
      fields[name] = z.unknown().optional();
      at = end;
    } else if (name) fields[name] = typeOf(text.replace(/;$/, ''), types).optional();
  }
  return fields;
}

/** Reads a file that consists of flat interfaces and enums, as those of @slack/web-api do. */
function readTypes(text: string): Types {
  const types: Types = new Map();
  const declared =
    /^export (?:interface (\w+) |type (\w+) = (?:WebAPICallResult & )?)\{(?:\};|\n([\s\S]*?)^\};?)$/gm;
  for (const [, interfaceName, typeName, body] of text.matchAll(declared)) {
    const name = interfaceName ?? typeName ?? '';
    // An empty type stands for any object, such as the payload of our metadata.
    if (body === undefined) types.set(name, z.record(z.string(), z.unknown()));
    else types.set(name, z.strictObject(fieldsOf(body.split('\n'), types)));
  }
  for (const [, name = '', body = ''] of text.matchAll(
    /^export declare enum (\w+) \{\n([\s\S]*?)^\}/gm,
  ))
    types.set(name, z.enum([...body.matchAll(/= "(.*)"/g)].map(([, value = '']) => value)));
  return types;
}

const known = new Map<string, z.ZodType>();

/** Returns the schema of the successful answers of a method. */
export function vendorSchema(method: string): z.ZodType {
  const before = known.get(method);
  if (before) return before;
  const file = fileOf(method);
  const types = readTypes(readFileSync(file, 'utf8'));
  const name = file.slice(file.lastIndexOf('/') + 1, -'.d.ts'.length);
  const found = types.get(name) ?? missing(name);
  const schema = (found as z.ZodObject).extend(addedByClient);
  known.set(method, schema);
  return schema;
}

/** Returns what is wrong with recorded answers, one line for each cause. */
export function strangeAnswers(answers: readonly { method: string; body: unknown }[]): string[] {
  const causes = answers.flatMap(({ method, body }) => {
    if ((body as { ok?: boolean }).ok !== true) return [];
    const result = vendorSchema(method).safeParse(body);
    return (result.error?.issues ?? []).map(
      ({ path, message }) => `${method} ${path.join('.')}: ${message}`,
    );
  });
  return [...new Set(causes)];
}
