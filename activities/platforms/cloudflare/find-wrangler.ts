import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { failures } from '../../../domain/failures.ts';
import { final } from '../../lib/fail.ts';

/** `bin` is run by this Node; `from` says whose it is. */
export type Wrangler = { bin: string; version: string; from: 'the worker' | 'Plimsoll' };

/** The first whose upload and deploy both know --tag, --message and --strict. */
export const oldestWrangler = '4.110.0';

/** The wrangler beside Plimsoll: enough for everything that needs no source. Final misconfigured. */
export async function besideWrangler(
  resolve: (name: string) => string = createRequire(import.meta.url).resolve,
): Promise<Wrangler> {
  const found = await wranglerAt(await placeOf(resolve), 'Plimsoll');
  if (found) return checked(found);
  throw final(
    failures.misconfigured,
    'There is no wrangler beside Plimsoll, so no Cloudflare Worker can be deployed or rolled back.\n' +
      'Install it where Plimsoll is installed and start the worker again: npm install wrangler',
  );
}

/** The one that the worker's own package installs, up to the repository's root; else the one beside Plimsoll. */
export async function findWrangler(directory: string, root: string): Promise<Wrangler> {
  for (let at = directory; at.startsWith(root); at = dirname(at)) {
    const found = await wranglerAt(join(at, 'node_modules', 'wrangler'), 'the worker');
    if (found) return checked(found);
  }
  return besideWrangler();
}

const placeOf = async (resolve: (name: string) => string) => {
  try {
    return dirname(resolve('wrangler/package.json'));
  } catch {
    return null;
  }
};

async function wranglerAt(place: string | null, from: Wrangler['from']): Promise<Wrangler | null> {
  if (place === null) return null;
  try {
    const text = await readFile(join(place, 'package.json'), 'utf8');
    const { version, bin } = JSON.parse(text) as { version: string; bin: { wrangler: string } };
    return { bin: join(place, bin.wrangler), version, from };
  } catch {
    return null;
  }
}

const numbers = (version: string) => version.split(/[.-]/).slice(0, 3).map(Number);

function isOlder(version: string, than: string): boolean {
  const theirs = numbers(than);
  const [place = -1] = numbers(version).flatMap((part, at) => (part === theirs[at] ? [] : [at]));
  return place >= 0 && (numbers(version)[place] ?? 0) < (theirs[place] ?? 0);
}

function checked(wrangler: Wrangler): Wrangler {
  const { version, from } = wrangler;
  if (!isOlder(version, oldestWrangler)) return wrangler;
  const where = from === 'the worker' ? "in the worker's directory" : 'where Plimsoll is installed';
  throw final(
    failures.misconfigured,
    `The wrangler of ${from} is ${version}; ${oldestWrangler} or newer is needed.\n` +
      `Update it ${where}: npm install wrangler@latest`,
  );
}
