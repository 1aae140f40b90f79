import { readFile } from 'node:fs/promises';
import { plimsoll } from '../../domain/deploy/wire.ts';
import { Config } from '../../domain/config/config.ts';
import { UserError } from '../../domain/lib/user-error.ts';
import { textOf } from '../../activities/lib/text-of.ts';
import { hostOfRepository, hostOfUrl } from './endpoints.ts';
import { explain } from './explain.ts';
import type { Problem } from './explain.ts';
import { brokenRules } from './rules.ts';
import { readSource } from './source.ts';
import type { Position } from './source.ts';

/**
 * Loads the configuration. Throws one UserError (exit 2) that names every problem with its file,
 * line and column.
 */
export async function loadConfig(path: string): Promise<Config> {
  return parseConfig(await readText(path), path);
}

/**
 * Parses the text of a configuration. `file` is for messages only. An error never contains a value
 * of the file, because the value may be a secret.
 */
export function parseConfig(text: string, file: string): Config {
  const source = readSource(text);
  const refuse = (problems: (Position & { what: string })[]): never => {
    throw new UserError(problemText(file, problems), 2);
  };
  const place = ({ path, what }: Problem) => ({ ...source.at(path), what: label(path, what) });
  if (source.faults.length > 0) refuse(source.faults);
  const value = source.value();
  if (value === undefined)
    refuse([{ line: 1, column: 1, what: 'The aliases in this file expand to too much data.' }]);
  if (value === null) refuse([{ line: 1, column: 1, what: 'The file is empty.' }]);
  const parsed = Config.safeParse(value);
  if (!parsed.success) return refuse(explain(parsed.error.issues, value).map(place));
  const config = withGithub(parsed.data);
  const broken = brokenRules(config);
  if (broken.length > 0) refuse(broken.map(place));
  return config;
}

async function readText(path: string): Promise<string> {
  try {
    return textOf(await readFile(path));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    const example = `Start from the commented example: ${plimsoll} schema --example > ${path}`;
    throw new UserError(`No configuration at ${path}: ${why}.\n${example}`, 2);
  }
}

const label = (path: Problem['path'], what: string) =>
  path.length > 0 ? `${path.map(String).join('.')}\n${what}` : what;

function problemText(file: string, problems: (Position & { what: string })[]): string {
  const inOrder = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const blocks = inOrder.map(
    ({ line, column, what }) => `${file}:${line}:${column}  ${what.replaceAll('\n', '\n  ')}`,
  );
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return [
    `${file} cannot be used: ${count}. Nothing was started.`,
    ...blocks,
    [
      `See every key with its meaning: ${plimsoll} schema --example`,
      `To check the file while you type: ${plimsoll} schema > plimsoll.schema.json`,
      `Then write this as the first line of ${file}:`,
      '# yaml-language-server: $schema=./plimsoll.schema.json',
    ].join('\n'),
  ].join('\n\n');
}

/**
 * Adds `github: owner/name` to each project whose repository is at GitHub, or at the host of
 * github.api. The owner and the name come from the URL of the repository. A configured value is
 * kept.
 */
function withGithub(config: Config): Config {
  const hosts = new Set(['github.com', ...(config.github ? [hostOfUrl(config.github.api)] : [])]);
  const projects = Object.entries(config.projects).map(([name, project]) => {
    const { repository } = project;
    const at = hosts.has(hostOfRepository(repository)) ? ownerAndName(repository) : undefined;
    const github = project.github ?? at;
    return [name, github === undefined ? project : { ...project, github }] as const;
  });
  return { ...config, projects: Object.fromEntries(projects) };
}

const ownerAndName = (repository: string) =>
  /^(?:https?:\/\/[^/]+\/|(?:ssh:\/\/)?git@[^:/]+(?::\d+\/|[:/]))([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(
    repository,
  )?.[1];
