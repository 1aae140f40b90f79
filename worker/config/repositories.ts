import type { Config, Project } from '../../domain/config/config.ts';
import type { Problem } from './explain.ts';

/**
 * Checks that a revert of one project never reverts the work of another project. Also checks that a
 * project with `revert: pull-request` is at GitHub.
 */
export const repositoryRules = (config: Config): Problem[] =>
  Object.entries(config.projects).flatMap(([name, project]) => [
    ...sharedRepository(config, { name, project }),
    ...withoutGithub(config, { name, project }),
  ]);

type Named = { name: string; project: Project };

function sharedRepository({ projects }: Config, { name, project }: Named): Problem[] {
  if (project.revert === 'off') return [];
  const neighbours = Object.entries(projects).filter(
    ([other, its]) => other !== name && homeOf(its) === homeOf(project),
  );
  if (neighbours.length === 0) return [];
  const path = ['projects', name, 'paths'];
  if (!project.paths) return [{ path, what: undivided(name, project, neighbours) }];
  return neighbours.flatMap(([other, { paths = [] }]) =>
    overlaps(project.paths ?? [], paths).map((mine) => ({
      path,
      what: overlap(mine, name, other),
    })),
  );
}

/**
 * Returns one name for the repository and the branch of a project. If a repository has several
 * addresses, each address leads to the same name.
 */
function homeOf({ repository, branch }: Project): string {
  const address = repository
    .replace(/^(?:https?:\/\/|ssh:\/\/)?(?:[^@/]+@)?/, '')
    .replace(/^([^/:]+):(?=\D)/, '$1/')
    .replace(/(?:\.git)?\/*$/, '');
  return `${address.toLowerCase()} ${branch}`;
}

function undivided(name: string, { branch }: Project, neighbours: [string, Project][]): string {
  const others = neighbours.map(([other]) => other).join(' and ');
  return (
    `${others} ${neighbours.length === 1 ? 'is' : 'are'} in the same repository, on ${branch}: ` +
    `a revert of ${name} would also revert their work.\n` +
    `Name the directories of ${name}, such as paths: [apps/${name}], or set revert: off.`
  );
}

const holds = (outer: string, inner: string) => outer === inner || inner.startsWith(`${outer}/`);

const overlaps = (mine: string[], theirs: string[]) =>
  mine.filter((path) => theirs.some((other) => holds(path, other) || holds(other, path)));

const overlap = (path: string, name: string, other: string) =>
  `${path} belongs to ${other} as well: a revert of ${name} would also revert the work of ${other}.\n` +
  'Give each project paths of its own.';

function withoutGithub(config: Config, { name, project }: Named): Problem[] {
  const at = project.github ?? (/\bgithub\.com[:/]/.test(project.repository) || undefined);
  if (project.revert !== 'pull-request' || (config.github && at)) return [];
  const what =
    'revert: pull-request needs GitHub, and this project has no GitHub configured.\n' +
    'Add github: { token: env:NAME } at the top and github: owner/name here, or use revert: push.';
  return [{ path: ['projects', name, 'revert'], what }];
}
