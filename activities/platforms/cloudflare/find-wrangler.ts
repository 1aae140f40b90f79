import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { failures } from '../../../domain/deploy/failures.ts';
import { final } from '../../lib/fail.ts';

/**
 * `bin` is the path of wrangler's script. `from` says whose `node_modules` contains wrangler.
 */
export type Wrangler = { bin: string; version: string; from: 'the worker' | 'Plimsoll' };
/** `program` is the path of wrangler's bundled program. The script `bin` starts this program. */
type Found = Wrangler & { program: string };

/**
 * The first wrangler version in which `versions upload` and `deploy` both have the options --tag,
 * --message and --strict.
 */
const oldestWrangler = '4.110.0';

/** The newest wrangler version that Plimsoll was tested with. */
export const testedWrangler = '4.164.0';

/** The option of wrangler that allows or forbids new resources. It is not in wrangler's help. */
export const provisioning = 'experimental-provision';

/**
 * Returns the wrangler that is installed with Plimsoll. It is for commands that need no source
 * code. Throws a final failure of type 'misconfigured' if this wrangler is missing or too old.
 */
export async function besideWrangler(
  resolve: (name: string) => string = createRequire(import.meta.url).resolve,
): Promise<Wrangler> {
  const found = await wranglerAt(await placeOf(resolve), 'Plimsoll');
  if (found) return checked(found);
  throw final(
    failures.misconfigured,
    'wrangler is not installed with Plimsoll, so no Cloudflare Worker can be deployed or rolled back.\n' +
      "Install wrangler where Plimsoll is installed, then start Plimsoll's worker again: npm install wrangler",
  );
}

/**
 * Returns the wrangler in `node_modules` of the worker's directory or of a parent directory in the
 * repository. If there is none, returns the wrangler that is installed with Plimsoll. The result is
 * only for bundling, without a token. Throws a final failure of type 'misconfigured' if it is too
 * old.
 */
export async function findWrangler(directory: string, root: string): Promise<Wrangler> {
  for (let at = directory; at.startsWith(root); at = dirname(at)) {
    const found = await wranglerAt(join(at, 'node_modules', 'wrangler'), 'the worker');
    if (found) return newEnough(found);
  }
  return besideWrangler();
}

/** True if version `one` is newer than `other`. */
export const isNewer = (one: string, other: string) => isOlder(other, one);

/**
 * Returns the outermost directory node_modules that contains wrangler. The packages that wrangler
 * uses are in the same directory.
 */
export function modulesOf({ bin }: Wrangler): string {
  const at = bin.indexOf('/node_modules/');
  return at < 0 ? dirname(dirname(bin)) : bin.slice(0, at + '/node_modules'.length);
}

const placeOf = async (resolve: (name: string) => string) => {
  try {
    return dirname(resolve('wrangler/package.json'));
  } catch {
    return null;
  }
};

async function wranglerAt(place: string | null, from: Wrangler['from']): Promise<Found | null> {
  if (place === null) return null;
  try {
    const text = await readFile(join(place, 'package.json'), 'utf8');
    const { version, bin } = JSON.parse(text) as { version: string; bin: { wrangler: string } };
    const program = join(place, 'wrangler-dist', 'cli.js');
    return { bin: join(place, bin.wrangler), version, from, program };
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

function newEnough({ program: _, ...wrangler }: Found): Wrangler {
  const { version, from } = wrangler;
  const where = from === 'the worker' ? "in the worker's directory" : 'where Plimsoll is installed';
  if (isOlder(version, oldestWrangler))
    throw final(
      failures.misconfigured,
      `The wrangler of ${from} has version ${version}, but Plimsoll needs ${oldestWrangler} or newer.\n` +
        `Update wrangler ${where}: npm install wrangler@${testedWrangler}`,
    );
  return wrangler;
}

async function checked(found: Found): Promise<Wrangler> {
  const wrangler = newEnough(found);
  const { version } = wrangler;
  const text = await readFile(found.program, 'utf8').catch(() => '');
  if (text.includes(`"${provisioning}"`)) return wrangler;
  throw final(
    failures.misconfigured,
    `The wrangler of Plimsoll has version ${version}, which does not know the option --${provisioning}. ` +
      'Without this option, Plimsoll cannot forbid wrangler to create databases and buckets.\n' +
      `Install a version that has it where Plimsoll is installed: npm install wrangler@${testedWrangler}`,
  );
}
