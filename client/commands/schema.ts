import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';

/** Prints a file of the package: the JSON Schema, or the commented example that documents every key. */
export async function schema(io: Io, { example = false }: { example?: boolean }): Promise<number> {
  const file = example ? 'examples/plimsoll.yaml' : 'docs/plimsoll.schema.json';
  const text = await readFile(join(packageRoot(), file), 'utf8');
  // A copy of the example lies beside the schema that the same command printed.
  io.out(text.replace('$schema=../docs/', '$schema=./').trimEnd());
  return exitCodes.ok;
}

/** The sources lie in client/, an installed package's code in dist/client/. */
function packageRoot(): string {
  let at = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(at, 'package.json'))) at = dirname(at);
  return at;
}
