import { parseEnv } from 'node:util';
import type { Plan } from '../../../domain/deploy/plan.ts';
import type { Git } from '../../git/git.ts';

export type Required = {
  names: string[];
  sourceErrors: string[];
  /**
   * The name of a file that seems to list the variables, but is not configured. null = no such
   * file.
   */
  overlooked: string | null;
};

const usual = '.env.example';

/**
 * Returns the names of the variables that the release needs. The names come from
 * `requiredVariables` in plimsoll.yaml, and from the file `variablesFile` of the commit.
 */
export async function requiredNames(
  git: Pick<Git, 'readFile'>,
  { target, sha }: Plan,
): Promise<Required> {
  const { requiredVariables, variablesFile, repository } = target;
  const text = await git.readFile(repository, sha, variablesFile ?? usual);
  const none = { names: requiredVariables, sourceErrors: [], overlooked: null };
  if (variablesFile === undefined)
    return text === null || requiredVariables.length > 0 ? none : { ...none, overlooked: usual };
  if (text === null)
    return {
      ...none,
      sourceErrors: [
        `${variablesFile} is not in the commit. Commit it, or correct "variablesFile" in plimsoll.yaml`,
      ],
    };
  const read = namesIn(text);
  return 'problem' in read
    ? { ...none, sourceErrors: [`${variablesFile} ${read.problem}`] }
    : { ...none, names: [...new Set([...requiredVariables, ...read.names])] };
}

const aName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Reads a file with one `NAME=…`, `export NAME=…` or bare name per line. A quoted value may have
 * several lines. `problem` describes the first line that is not a name, or a file without names.
 */
function namesIn(text: string): { names: string[] } | { problem: string } {
  const bare = text.split(/\r?\n/).filter((line) => aName.test(line.trim()));
  const names = [...Object.keys(parseEnv(text)), ...bare].map((name) =>
    name.trim().replace(/^export\s+/, ''),
  );
  const strange = names.find((name) => !aName.test(name));
  if (strange !== undefined)
    return {
      problem: `has ${JSON.stringify(strange.slice(0, 40))} where a name is expected. Correct that line`,
    };
  return names.length > 0
    ? { names }
    : {
        problem: 'names no variable. Add the names, or take "variablesFile" out of plimsoll.yaml',
      };
}
