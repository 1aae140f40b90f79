import type { Config } from '../../domain/config/config.ts';
import { hostOfUrl, isLoopback, isOpenLine } from '../lib/addresses.ts';
import type { Token } from './mirror.ts';

type Project = Pick<Config['projects'][string], 'repository'>;
type Deps = {
  config: Pick<Config, 'github' | 'anchor'> & { projects: Record<string, Project> };
  secret: (ref: string) => string;
  /**
   * Returns the current token of the GitHub App. This function is absent if the configuration has a
   * fixed token (`github.token`) instead of an App.
   */
  appToken?: (() => Promise<string>) | undefined;
};

/**
 * Makes the function that returns the GitHub token for a repository. Returns undefined if the
 * repository must not get the token. Only two kinds of repositories get the token: the repository
 * of a project, and the repository of the anchors. They must be at the configured GitHub, and the
 * connection must use TLS or stay on this machine.
 */
export const gitToken =
  ({ config: { github, projects, anchor }, secret, appToken }: Deps): Token =>
  (repository) => {
    if (!github || !/^https?:/.test(repository) || isOpenLine(repository)) return undefined;
    const known =
      Object.values(projects).some((project) => project.repository === repository) ||
      (typeof anchor === 'object' && 'git' in anchor && anchor.git === repository);
    if (!known || !isAt(github.api, repository)) return undefined;
    return github.token === undefined ? appToken?.() : secret(github.token);
  };

/**
 * True if the repository is on the GitHub server that has the address `api`. On this machine, the
 * API and the repositories may have different ports.
 */
function isAt(api: string, repository: string): boolean {
  const [place, { host }] = [new URL(api), new URL(repository)];
  if (isLoopback(hostOfUrl(repository))) return hostOfUrl(repository) === hostOfUrl(api);
  return host === place.host || `api.${host}` === place.host;
}
