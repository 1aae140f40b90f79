import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const clientDirectory = dirname(createRequire(import.meta.url).resolve('@northflank/js-client'));
const declarations = readFileSync(join(clientDirectory, '../esm/api-client.d.ts'), 'utf8');
/** The version of the client whose types are read. */
export const clientVersion = (
  JSON.parse(readFileSync(join(clientDirectory, '../../package.json'), 'utf8')) as {
    version: string;
  }
).version;

const tokenPattern = /\/\*[\s\S]*?\*\/|'(?:[^'\\]|\\.)*'|[A-Za-z_]\w*|\d+|=>|[^\s]/g;

/**
 * Reads one type of the vendor's declarations into a schema that allows no other fields. Reads the
 * forms that the declarations of answers use: objects, arrays, unions, literals and simple types.
 */
class Reader {
  #tokens: string[];
  #at = 0;

  constructor(source: string) {
    const all = source.match(tokenPattern) ?? [];
    this.#tokens = all.filter((token) => !token.startsWith('/*'));
  }

  #next() {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    if (token === undefined) throw new Error('The declaration ends too early.');
    return token;
  }

  #take(token: string) {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  #want(token: string) {
    if (!this.#take(token))
      throw new Error(`Wanted ${token}, found ${this.#tokens[this.#at] ?? 'the end'}.`);
  }

  type(): z.ZodType {
    this.#take('|');
    const options = [this.#item()];
    while (this.#take('|')) options.push(this.#item());
    return options.length === 1 ? options[0]! : z.union(options);
  }

  #item(): z.ZodType {
    let one = this.#single();
    while (this.#take('[')) {
      this.#want(']');
      one = z.array(one);
    }
    return one;
  }

  #single(): z.ZodType {
    const token = this.#next();
    if (token === '{') return this.#object();
    if (token === '(') {
      const inner = this.type();
      this.#want(')');
      return inner;
    }
    if (token.startsWith("'")) return z.literal(token.slice(1, -1));
    if (/^\d+$/.test(token)) return z.literal(Number(token));
    const simple = simpleTypes[token];
    if (!simple) throw new Error(`The type ${token} is not known.`);
    return simple;
  }

  #object(): z.ZodType {
    const fields: Record<string, z.ZodType> = {};
    while (!this.#take('}')) {
      const name = this.#next().replace(/^'|'$/g, '');
      const optional = this.#take('?');
      this.#want(':');
      const type = this.type();
      fields[name] = optional ? type.optional() : type;
      this.#want(';');
    }
    // An object without declared fields may have any.
    return Object.keys(fields).length === 0 ? z.looseObject({}) : z.strictObject(fields);
  }
}

const simpleTypes: Record<string, z.ZodType> = {
  string: z.string(),
  number: z.number(),
  boolean: z.boolean(),
  null: z.null(),
  true: z.literal(true),
  false: z.literal(false),
  any: z.unknown(),
  unknown: z.unknown(),
  object: z.looseObject({}),
};

/** Makes a strict schema of the type `name` of the official client. */
export function vendorType(name: string): z.ZodType {
  const start = declarations.indexOf(`\ntype ${name} = `);
  if (start < 0) throw new Error(`The client ${clientVersion} declares no type ${name}.`);
  const source = declarations.slice(declarations.indexOf('=', start) + 1);
  return new Reader(source.slice(0, source.search(/\n\}[^\n]*;\n|;\n(?=\S)/) + 3)).type();
}
