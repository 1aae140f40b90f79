import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Project } from '../../domain/config/config.ts';

/** A step of a job of GitHub Actions. */
type Step = { run?: string; uses?: string; env?: Record<string, string> };
export type Job = { name?: string; needs?: string; steps: Step[] };

const read = (path: string) =>
  readFileSync(new URL(`../../${path}`, import.meta.url), { encoding: 'utf8' });

/** The section "From CI" of docs/cli.md. */
const section = /^## From CI\n([\s\S]*?)^## /m.exec(read('docs/cli.md'))?.[1] ?? '';

/** The only fence of this language in the section. */
function fence(language: string): string {
  const found = [...section.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))];
  if (found.length !== 1)
    throw new Error(`"From CI" has ${found.length} fences of ${language}, not 1`);
  return found[0]?.[1] ?? '';
}

const workflow = read('examples/github-actions.yml');

/** The recipe for CI, read from the documentation. Nothing of it is repeated in a test. */
export const recipe = {
  /** The command that the page shows. */
  command: fence('sh').trim(),
  /** The part of plimsoll.yaml that the page shows. */
  tests: (parse(fence('yaml')) as { tests: Partial<Project['tests']> }).tests,
  /** The same part, as the comment in the example workflow shows it. */
  testsInExample: parse(
    [...workflow.matchAll(/^# {3}(\w+: .*)$/gm)].map(([, line]) => line).join('\n'),
  ) as Partial<Project['tests']>,
  /** The jobs of the example workflow, by their keys. */
  jobs: (parse(workflow) as { jobs: Record<'test' | 'deploy', Job> }).jobs,
  /** The path at which the user stores the example workflow. */
  path: /^# (\S+\.yml): /.exec(workflow)?.[1] ?? '',
};
