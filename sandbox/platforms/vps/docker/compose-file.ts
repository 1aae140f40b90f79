import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';

export type ComposeService = {
  image: string;
  context: string | null;
  environment: Record<string, string>;
};

type Raw = {
  services?: Record<
    string,
    {
      image?: string;
      build?: string | { context: string };
      environment?: Record<string, unknown> | string[];
    }
  >;
};

/**
 * Reads one service of a compose file and replaces its variables. Errors have the text that compose
 * prints.
 */
export function readService(file: string, name: string, env: Variables): ComposeService {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new Error(`open ${file}: no such file or directory`);
  }
  const service = (interpolated(parse(text), env) as Raw).services?.[name];
  if (!service) throw new Error(`no such service: ${name}`);
  const { build, image, environment = {} } = service;
  const context = typeof build === 'string' ? build : (build?.context ?? null);
  const pairs = Array.isArray(environment)
    ? environment.map((line) => [line.split('=')[0], line.split('=').slice(1).join('=')])
    : Object.entries(environment).map(([key, value]) => [key, String(value)]);
  return {
    image: image ?? name,
    context: context === null ? null : resolve(dirname(file), context),
    environment: Object.fromEntries(pairs) as Record<string, string>,
  };
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
