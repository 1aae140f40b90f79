import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { github } from '../../domain/services/github.ts';
import { slack } from '../../domain/services/slack.ts';
import { closeParts, closeSchema } from './close-schema.ts';
import { sourceOf } from './schema-source.ts';

/**
 * Generates test/contract/schemas/*.json from the vendors' own descriptions. The tools are large,
 * so they are no dependencies: they are installed below node_modules/.cache, or `CONTRACT_TOOLS` is
 * a directory where they are installed. Run: npm run contract:schemas
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const tools = process.env.CONTRACT_TOOLS ?? join(root, 'node_modules/.cache/contract');
const wanted = [
  `@octokit/openapi@${github.specification.version}`,
  'ts-json-schema-generator@2.10.0',
];

function install() {
  const missing = wanted.filter((one) => {
    const at = one.lastIndexOf('@');
    const manifest = join(tools, 'node_modules', one.slice(0, at), 'package.json');
    if (!existsSync(manifest)) return true;
    return JSON.parse(readFileSync(manifest, 'utf8')).version !== one.slice(at + 1);
  });
  if (missing.length === 0) return;
  mkdirSync(tools, { recursive: true });
  const options = ['install', '--prefix', tools, '--no-audit', '--no-fund'];
  execFileSync('npm', [...options, ...missing], { stdio: 'inherit' });
}

const write = (vendor, schema) => {
  const file = fileURLToPath(new URL(`schemas/${vendor}.json`, import.meta.url));
  writeFileSync(file, `${JSON.stringify({ source: sourceOf(vendor), ...schema }, null, 1)}\n`);
};

/** The part of GitHub's description that Plimsoll's calls need, as JSON Schema. */
function githubSchema() {
  const file = join(tools, 'node_modules/@octokit/openapi/generated/api.github.com.json');
  const { paths, components } = JSON.parse(readFileSync(file, 'utf8'));
  const definitions = {};
  const take = (name) => {
    if (definitions[name]) return;
    definitions[name] = {};
    const found = converted(components.schemas[name]);
    definitions[name] = closeSchema(found);
    definitions[`${name}.open`] = closeParts(found);
  };
  const converted = (schema) => {
    if (typeof schema.$ref === 'string') {
      const name = schema.$ref.split('/').at(-1);
      take(name);
      return { $ref: `#/definitions/${name}` };
    }
    const { nullable, ...rest } = schema;
    const parts = Object.entries(rest).flatMap(([key, value]) =>
      key in keywords ? [[key, keywords[key](value, converted)]] : [],
    );
    return nullable === true ? orNull(Object.fromEntries(parts)) : Object.fromEntries(parts);
  };
  const answers = Object.fromEntries(
    github.calls.map(({ call }) => {
      const [method, path] = call.split(' ');
      const operation = paths[path]?.[method.toLowerCase()];
      if (!operation) throw new Error(`GitHub's description has no ${call}`);
      const byStatus = Object.entries(operation.responses).map(([status, given]) => {
        const found = given.$ref ? components.responses[given.$ref.split('/').at(-1)] : given;
        const [content] = Object.values(found.content ?? {});
        return [status, content?.schema ? closeSchema(converted(content.schema)) : null];
      });
      return [call, Object.fromEntries(byStatus)];
    }),
  );
  take('basic-error');
  take('validation-error');
  return { answers, definitions: used(answers, definitions) };
}

/** The definitions to which the answers lead. */
function used(answers, definitions) {
  const found = {};
  const follow = (value) => {
    if (typeof value !== 'object' || value === null) return;
    const name = typeof value.$ref === 'string' ? value.$ref.split('/').at(-1) : null;
    if (name !== null && !found[name]) follow((found[name] = definitions[name]));
    Object.values(value).forEach(follow);
  };
  follow(answers);
  for (const name of ['basic-error', 'validation-error']) follow({ $ref: `/${name}` });
  return Object.fromEntries(Object.entries(found).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const same = (value) => value;
const list = (values, convert) => values.map(convert);
const map = (values, convert) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, convert(value)]));
const one = (value, convert) => (typeof value === 'object' ? convert(value) : value);
/** The keywords that check something. */
const keywords = {
  ...{ type: same, enum: same, format: same, required: same, pattern: same },
  ...{ minimum: same, maximum: same, minLength: same, maxLength: same },
  ...{ minItems: same, maxItems: same, uniqueItems: same },
  ...{ allOf: list, anyOf: list, oneOf: list },
  ...{ properties: map, items: one, additionalProperties: one, not: one },
};

const orNull = (schema) => {
  const { type, ...rest } = schema;
  if (typeof type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  const all = 'enum' in rest ? { ...rest, enum: [...rest.enum, null] } : rest;
  return { ...all, type: [type, 'null'] };
};

/** Makes the schemas of a vendor's TypeScript types. */
async function typeSchemas(vendor, calls) {
  const from = createRequire(join(tools, 'package.json'));
  const { createGenerator } = await import(from.resolve('ts-json-schema-generator'));
  const generator = createGenerator({
    path: fileURLToPath(new URL(`answers-${vendor}.ts`, import.meta.url)),
    tsconfig: join(root, 'tsconfig.json'),
    skipTypeCheck: true,
    topRef: false,
    jsDoc: 'none',
    additionalProperties: false,
  });
  // Slack's library uses one name for different types, so each method gets definitions of its own.
  if (calls === null) {
    const { properties, definitions } = generator.createSchema('Answers');
    return { answers: properties, definitions: definitions ?? {} };
  }
  const answers = calls.map((call) => {
    const name = call.replaceAll(/(?:^|\.)(\w)/g, (_, letter) => letter.toUpperCase());
    const { $schema: _, ...schema } = generator.createSchema(name);
    return [call, withFreeObjects(schema)];
  });
  return { answers: Object.fromEntries(answers), definitions: {} };
}

/**
 * Opens each object of which the vendor's library names no field. Its types were made from samples,
 * and these objects have fields that the app chose, such as the payload of metadata.
 */
function withFreeObjects(schema) {
  if (Array.isArray(schema)) return schema.map(withFreeObjects);
  if (typeof schema !== 'object' || schema === null) return schema;
  const all = Object.entries(schema).map(([key, value]) => [key, withFreeObjects(value)]);
  const { additionalProperties, ...open } = Object.fromEntries(all);
  const free = open.type === 'object' && !open.properties && additionalProperties === false;
  return free || additionalProperties === undefined ? open : { ...open, additionalProperties };
}

install();
write('github', githubSchema());
write('cloudflare', await typeSchemas('cloudflare', null));
write('northflank', await typeSchemas('northflank', null));
write(
  'slack',
  await typeSchemas(
    'slack',
    slack.calls.map(({ call }) => call),
  ),
);
