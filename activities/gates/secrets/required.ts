import { parseEnv } from 'node:util';
import type { Plan } from '../../../domain/plan.ts';
import type { Git } from '../../git.ts';

export type Required = {
  names: string[];
  sourceErrors: string[];
  /** Such a file is there, and nobody says what it is worth. */
  overlooked: string | null;
};

const usual = '.env.example';

/** Names that the release needs: of the configuration, and of a file of the commit that lists them. */
export async function requiredNames(
  git: Pick<Git, 'readFile'>,
  { target, sha }: Plan,
): Promise<Required> {
  const { requiredVariables, variablesFile, repository } = target;
  const text = await git.readFile(repository, sha, variablesFile ?? usual);
  const none = { names: requiredVariables, sourceErrors: [], overlooked: null };
  if (variablesFile === undefined)
    return text === null || requiredVariables.length > 0 ? none : { ...none, overlooked: usual };
  if (text === null) return { ...none, sourceErrors: [`${variablesFile} is not in the commit`] };
  const read = namesIn(text);
  return 'problem' in read
    ? { ...none, sourceErrors: [`${variablesFile} ${read.problem}`] }
    : { ...none, names: [...new Set([...requiredVariables, ...read.names])] };
}

const aName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** `NAME=`, `export NAME=…` or the bare name, a line each; a value may be quoted over several lines. */
function namesIn(text: string): { names: string[] } | { problem: string } {
  const bare = text.split(/\r?\n/).filter((line) => aName.test(line.trim()));
  const names = [...Object.keys(parseEnv(text)), ...bare].map((name) =>
    name.trim().replace(/^export\s+/, ''),
  );
  const strange = names.find((name) => !aName.test(name));
  if (strange !== undefined)
    return { problem: `has ${JSON.stringify(strange.slice(0, 40))} where a name is expected` };
  return names.length > 0 ? { names } : { problem: 'names no variable' };
}
