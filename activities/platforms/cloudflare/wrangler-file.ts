import { parse as parseJsonc } from 'jsonc-parser';
import type { ParseError } from 'jsonc-parser';
import { parse as parseToml } from 'smol-toml';
import { z } from 'zod';
import type { CloudflareTarget } from '../../../domain/platforms/cloudflare/target.ts';
import type { Git } from '../../git/git.ts';
import { createdBy } from './wrangler-creates.ts';

/** A route in the form of wrangler's configuration. */
const Route = z.union([
  z.string(),
  z.looseObject({
    pattern: z.string(),
    custom_domain: z.boolean().optional(),
    zone_id: z.string().optional(),
    zone_name: z.string().optional(),
  }),
]);
export type Route = { pattern: string; zoneId: string | null; zoneName: string | null };

/**
 * The settings in a wrangler configuration that Plimsoll reads. The schema keeps all other
 * settings.
 */
const Section = z.looseObject({
  name: z.string().optional(),
  account_id: z.string().optional(),
  main: z.string().optional(),
  migrations: z.array(z.looseObject({ tag: z.string() })).optional(),
  exports: z.record(z.string(), z.looseObject({ type: z.string().optional() })).optional(),
  route: Route.optional(),
  routes: z.array(Route).optional(),
  build: z.looseObject({ command: z.string().optional(), cwd: z.string().optional() }).optional(),
});
const File = Section.extend({ env: z.record(z.string(), Section).optional() });
export type File = z.infer<typeof File>;

export type WranglerFile = {
  /** Path in the repository. */
  path: string;
  /** The Worker's name in this environment. null means that the file sets no name. */
  name: string | null;
  account: string | null;
  /**
   * The tag of the last Durable Object migration in the file. null means that the file has no
   * migration.
   */
  migration: string | null;
  /**
   * The Durable Objects that the file declares in "exports", as a text for comparisons. null means
   * that the file declares none. A file has either "migrations" or Durable Objects in "exports".
   */
  objects: string | null;
  /**
   * The file that wrangler bundles. The path is relative to the configuration. null means that the
   * configuration names no such file.
   */
  main: string | null;
  build: { command: string; cwd: string } | null;
  /** The routes that are not custom domains. */
  routes: Route[];
  /** The problems of settings that make wrangler create a resource. Each text has a remedy. */
  creates: string[];
};

/** The file names of a wrangler configuration, in the order in which wrangler searches them. */
export const fileNames = ['wrangler.json', 'wrangler.jsonc', 'wrangler.toml'];

type Asked = Pick<CloudflareTarget, 'repository' | 'directory' | 'env'>;

/**
 * Reads the wrangler configuration in a commit. `problem` is the reason why the configuration
 * cannot be used, with the remedy.
 */
export async function readWranglerFile(
  git: Pick<Git, 'readFile'>,
  { repository, directory, env }: Asked,
  sha: string,
): Promise<WranglerFile | { problem: string }> {
  const commit = sha.slice(0, 7);
  for (const name of fileNames) {
    const path = directory === '' ? name : `${directory}/${name}`;
    const text = await git.readFile(repository, sha, path);
    if (text === null) continue;
    const file = parseFile(name, text);
    if (!file)
      return { problem: `${path} at ${commit} cannot be read. Fix it: npx wrangler check` };
    return effective(path, file, env);
  }
  const where = directory === '' ? "the repository's root" : `"${directory}"`;
  return {
    problem:
      `${where} at ${commit} has none of the files ${fileNames.join(', ')}. ` +
      'Correct "directory" in plimsoll.yaml: it is relative to the repository\'s root.',
  };
}

/**
 * Returns `objects` of the wrangler configuration in a commit. See `WranglerFile`. Returns
 * undefined if the commit is unknown or its configuration cannot be read.
 */
export async function objectsOf(
  git: Pick<Git, 'readFile'>,
  target: Asked,
  sha: string | null,
): Promise<string | null | undefined> {
  if (sha === null) return undefined;
  const file = await readWranglerFile(git, target, sha);
  return 'problem' in file ? undefined : file.objects;
}

/** Parses the text of a wrangler configuration. Returns null if the text is not valid. */
export function parseFile(name: string, text: string): File | null {
  const parsed = File.safeParse(name.endsWith('.toml') ? tomlOf(text) : jsoncOf(text));
  return parsed.success ? parsed.data : null;
}

/**
 * Returns the build command, or null. wrangler runs the build command before it bundles the code.
 * `cwd` is relative to the configuration file.
 */
export function buildOf(file: File, env: string | null): { command: string; cwd: string } | null {
  const { command, cwd = '.' } = (env === null ? null : file.env?.[env]?.build) ?? file.build ?? {};
  return command ? { command, cwd } : null;
}

function tomlOf(text: string): unknown {
  try {
    return parseToml(text);
  } catch {
    return null;
  }
}

function jsoncOf(text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parseJsonc(text, errors, { allowTrailingComma: true });
  return errors.length > 0 ? null : value;
}

/**
 * Returns the values that apply in an environment. If the environment does not set a value, the
 * value of the top level applies. If the environment sets no name, the name is the top-level name,
 * a hyphen and the environment's name.
 */
function effective(path: string, file: File, env: string | null) {
  const section = env === null ? file : file.env?.[env];
  if (!section)
    return { problem: `${path} has no environment "${env}". Correct "env" in plimsoll.yaml.` };
  const inherited = env === null || file.name === undefined ? file.name : `${file.name}-${env}`;
  const migrations = section.migrations ?? file.migrations ?? [];
  return {
    path,
    name: section.name ?? inherited ?? null,
    account: section.account_id ?? file.account_id ?? null,
    migration: migrations.at(-1)?.tag ?? null,
    objects: objectsIn(section.exports ?? file.exports ?? {}),
    main: section.main ?? file.main ?? null,
    build: buildOf(file, env),
    routes: routesIn({
      route: section.route ?? file.route,
      routes: section.routes ?? file.routes,
    }),
    creates: createdBy({ ...section, site: section['site'] ?? file['site'] }, path),
  };
}

function objectsIn(exports: NonNullable<File['exports']>): string | null {
  const objects = Object.entries(exports)
    .filter(([, { type }]) => type === 'durable-object')
    .toSorted(([one], [other]) => one.localeCompare(other));
  return objects.length === 0 ? null : JSON.stringify(objects);
}

/**
 * Returns the routes in the same way as wrangler. If there is a list "routes", "route" does not
 * count. An empty text is not a route.
 */
function routesIn({ route, routes }: Pick<File, 'route' | 'routes'>): Route[] {
  const all = routes ?? (route === undefined || route === '' ? [] : [route]);
  return all.flatMap((one) => {
    if (typeof one === 'string') return [{ pattern: one, zoneId: null, zoneName: null }];
    if (one.custom_domain === true) return [];
    return [{ pattern: one.pattern, zoneId: one.zone_id ?? null, zoneName: one.zone_name ?? null }];
  });
}
