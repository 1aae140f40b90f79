import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { Listing, Verb } from '../run.ts';

export const listing: Listing = {
  group: 'Tools',
  order: 3,
  summary: 'print the JSON Schema of plimsoll.yaml, for editors',
};

export const verb: Verb = (command, execute) =>
  command
    .option('--example', 'print the commented example instead, with the meaning of every key')
    .action((options) => execute((io) => schema(io, options)));

/** Prints the JSON Schema of plimsoll.yaml, or the commented example that documents every key. */
export async function schema(io: Io, { example = false }: { example?: boolean }): Promise<number> {
  const file = example ? 'examples/plimsoll.yaml' : 'docs/plimsoll.schema.json';
  const text = await readFile(join(packageRoot(), file), 'utf8');
  // The example file refers to the schema in ../docs/. A user saves the printed example and the
  // printed schema in the same directory.
  io.out(text.replace('$schema=../docs/', '$schema=./').trimEnd());
  return exitCodes.ok;
}

/**
 * Returns the root directory of the package. This code is below client/ in a clone, and below
 * dist/client/ in an installed package.
 */
function packageRoot(): string {
  let at = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(at, 'package.json'))) at = dirname(at);
  return at;
}
