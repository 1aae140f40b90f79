import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';

export type ComposeService = {
  /**
   * The name of the image. If the compose file names no image, `image` is null, and compose builds
   * PROJECT-SERVICE.
   */
  image: string | null;
  context: string | null;
  environment: Record<string, string>;
  /** The names of the services on which this service depends. */
  needs: string[];
};

type RawService = {
  image?: string;
  build?: string | { context: string };
  environment?: Record<string, unknown> | string[];
  depends_on?: string[] | Record<string, unknown>;
};
type Raw = { services?: Record<string, RawService> };

/**
 * Reads the services of compose files. Replaces their variables, and merges services with the same
 * name. A value in a later file replaces a value in an earlier file. Errors have the text that
 * compose prints.
 */
export function readServices(files: string[], env: Variables): Map<string, ComposeService> {
  const services = new Map<string, ComposeService>();
  for (const file of files) {
    const raw = interpolated(parse(textOf(file)), env) as Raw;
    for (const [name, service] of Object.entries(raw.services ?? {}))
      services.set(name, merged(services.get(name), service, dirname(files[0] ?? file)));
  }
  return services;
}

function textOf(file: string) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Error(`open ${file}: no such file or directory`);
  }
}

function merged(
  before: ComposeService | undefined,
  { image, build, environment = {}, depends_on: needs = [] }: RawService,
  directory: string,
): ComposeService {
  const context = typeof build === 'string' ? build : (build?.context ?? null);
  const pairs = Array.isArray(environment)
    ? environment.map((line) => [line.split('=')[0], line.split('=').slice(1).join('=')])
    : Object.entries(environment).map(([key, value]) => [key, String(value)]);
  const names = Array.isArray(needs) ? needs : Object.keys(needs);
  return {
    image: image ?? before?.image ?? null,
    context: context === null ? (before?.context ?? null) : resolve(directory, context),
    environment: {
      ...before?.environment,
      ...(Object.fromEntries(pairs) as Record<string, string>),
    },
    needs: [...new Set([...(before?.needs ?? []), ...names])],
  };
}

/**
 * Returns the service and every service on which it depends, as `docker compose config SERVICE`
 * does. Source: https://github.com/compose-spec/compose-go, Project.WithSelectedServices.
 */
export function withNeeds(services: Map<string, ComposeService>, name: string) {
  const found = new Map<string, ComposeService>();
  const add = (one: string) => {
    const service = services.get(one);
    if (!service) throw new Error(`no such service: ${one}`);
    if (found.has(one)) return;
    found.set(one, service);
    service.needs.forEach(add);
  };
  add(name);
  return found;
}

type Variables = Record<string, string | undefined>;

/** Replaces variables such as ${NAME} in all texts of the parsed YAML, as compose does. */
function interpolated(value: unknown, env: Variables): unknown {
  if (typeof value === 'string') return replaced(value, env);
  if (Array.isArray(value)) return value.map((item) => interpolated(item, env));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, interpolated(member, env)]),
  );
}

const replaced = (text: string, env: Variables) =>
  text.replaceAll(
    /\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))/g,
    (_, braced?: string, fallback?: string, bare?: string) =>
      env[braced ?? bare ?? ''] || (fallback ?? ''),
  );
