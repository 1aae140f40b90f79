import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The directory in which a clone links its commands. An installed package does not have it. */
const clone = fileURLToPath(new URL('../node_modules/.bin', import.meta.url));

/**
 * Returns the shell line that puts `plimsoll` on the PATH of another terminal. Returns no line if
 * another directory on the PATH contains `plimsoll`, or if this is not a clone.
 */
export function pathLine(env: NodeJS.ProcessEnv, bin = clone): string[] {
  const own = (env['PATH'] ?? '').split(delimiter).filter((place) => place !== '' && place !== bin);
  const everywhere = own.some((place) => existsSync(join(place, 'plimsoll')));
  return everywhere || !existsSync(bin) ? [] : [`export PATH="${bin}:$PATH"`];
}
