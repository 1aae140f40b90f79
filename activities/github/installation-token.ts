import type { Config } from '../../domain/config/config.ts';
import { gitToken } from '../git/token.ts';
import { learnToken } from '../lib/known-secrets.ts';
import type { Token } from '../git/mirror.ts';
import { accessOf, variableOf } from './access.ts';
import type { Access } from './access.ts';
import { githubFailure } from './failure.ts';
import { octokitFor } from './octokit.ts';

type App = Extract<Access, { app: object }>;

/** Returns the token that a GitHub App needs to read its own data. It is valid for ten minutes. */
export async function appToken(api: string, access: App): Promise<string> {
  const made = (await octokitFor(api, access).auth({ type: 'app' })) as { token: string };
  learnToken(made.token);
  return made.token;
}

type Deps = App & { api: string; variable: string };

/**
 * Makes the function that returns the token of an installation of a GitHub App. git reads and
 * pushes with this token. The function gets a new token before the old token expires. It throws the
 * failures that the type `GitHub` describes.
 */
export function installationToken({ api, variable, ...access }: Deps): () => Promise<string> {
  const octokit = octokitFor(api, access);
  const what = `a token for installation ${access.app.installation} of the GitHub App`;
  return async () => {
    try {
      const made = (await octokit.auth({ type: 'installation' })) as { token: string };
      learnToken(made.token);
      return made.token;
    } catch (cause) {
      throw githubFailure(cause, { what, repository: 'the repository', effect: false }, variable);
    }
  };
}

/** Makes the function that returns the GitHub token of the configuration for a repository. */
export function repositoryToken(
  config: Pick<Config, 'github' | 'projects' | 'anchor'>,
  secret: (ref: string) => string,
): Token {
  const { github } = config;
  const access = github?.app && accessOf(github, secret);
  const appToken =
    github && access && 'app' in access
      ? installationToken({ ...access, api: github.api, variable: variableOf(github) })
      : undefined;
  return gitToken({ config, secret, appToken });
}
