import type { AuthorshipSource } from '../deploy/authorship-source.ts';

type Site = {
  sandbox: boolean;
  approvers: Readonly<Record<string, unknown>>;
  requesters: Readonly<Record<string, unknown>>;
  github?: object | undefined;
  authorship?: AuthorshipSource | undefined;
};
type Project = { github?: string | undefined; authorship?: AuthorshipSource | undefined };

/** Returns true if only one human may approve, so there is no second person who could approve. */
export const isAlone = ({
  approvers,
  requesters,
}: Pick<Site, 'approvers' | 'requesters'>): boolean =>
  Object.keys(approvers).filter((name) => !Object.hasOwn(requesters, name)).length <= 1;

/**
 * Returns the source that names the authors of a project's commits. The default is GitHub if
 * Plimsoll has a token for GitHub. The default is git for a sandbox and for a team of one human.
 * null: there is no default, so the configuration must name a source.
 */
export function authorshipOf(config: Site, project: Project): AuthorshipSource | null {
  const named = project.authorship ?? config.authorship;
  if (named !== undefined) return named;
  if (config.sandbox || isAlone(config)) return 'git';
  return config.github !== undefined && project.github !== undefined ? 'github' : null;
}
