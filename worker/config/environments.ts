import { nearest } from '../../domain/lib/nearest.ts';
import { before } from '../../domain/incident/owns-branch.ts';
import type { Config, Project } from '../../domain/config/config.ts';
import type { Problem } from './explain.ts';

/**
 * Checks that `after` names another environment of the same project. Also checks that no chain of
 * `after` leads back to its first environment.
 */
export const environmentRules = ({ projects }: Config): Problem[] =>
  Object.entries(projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).flatMap(([name, { after }]) => {
      if (after === undefined) return [];
      const what = unknown(after, { project, environments }) ?? ring(name, environments);
      return what ? [{ path: ['projects', project, 'environments', name, 'after'], what }] : [];
    }),
  );

/**
 * Checks that the environments of every freeze window exist. A window for an environment that does
 * not exist would protect nothing.
 */
export const freezeRules = ({ freeze, projects }: Config): Problem[] => {
  const known = Object.values(projects).flatMap(({ environments }) => Object.keys(environments));
  const names = [...new Set(known)];
  return freeze.flatMap(({ environments = [] }, at) =>
    environments.flatMap((name, place) => {
      if (names.includes(name)) return [];
      const path = ['freeze', at, 'environments', place];
      return [{ path, what: `No project has an environment "${name}".${among(name, names)}` }];
    }),
  );
};

/**
 * Checks that there is a budget if any environment has a cost. Without a budget, the cost has no
 * limit.
 */
export const costRules = ({ budget, projects }: Config): Problem[] =>
  Object.entries(projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).flatMap(([name, { cost }]) => {
      if (budget !== undefined || cost === undefined) return [];
      const path = ['projects', project, 'environments', name, 'cost'];
      return [{ path, what: unweighed }];
    }),
  );

const unweighed =
  'There is no "budget:", so this cost is never counted, and no human is asked about an expensive deploy.\n' +
  'Add "budget: {}" at the top (limits: $20 a day, $1,000 a month, and $5 for a deploy that no human approves), or remove "cost".';

type Named = { project: string; environments: Project['environments'] };

function unknown(after: string, { project, environments }: Named): string | null {
  const names = Object.keys(environments);
  if (names.includes(after)) return null;
  return `There is no environment of ${project} called "${after}".${among(after, names)}`;
}

function among(name: string, names: string[]): string {
  const guess = nearest(name, names);
  return `${guess ? ` Did you mean "${guess}"?` : ''}\nConfigured: ${names.join(', ')}.`;
}

/**
 * Returns the problem if the chain of `after` leads from `name` back to `name`. Each ring is
 * reported once, at the environment that is listed first.
 */
function ring(name: string, environments: Project['environments']): string | null {
  const chain = before(name, environments);
  const end = chain.indexOf(name);
  if (end === -1) return null;
  if (end === 0)
    return 'An environment cannot come after itself.\nName the environment before it, or remove "after".';
  const members = chain.slice(0, end + 1);
  const first = Object.keys(environments).find((one) => members.includes(one));
  if (first !== name) return null;
  return (
    `${[name, ...members].join(' after ')}: each environment waits for another, so none of them could ever be deployed.\n` +
    'Remove "after" from the environment that is deployed first.'
  );
}
