import type { Access } from './access.ts';
import { githubFailure } from './failure.ts';
import { octokitFor } from './octokit.ts';

type Deps = Extract<Access, { app: object }> & { api: string; variable: string };

/**
 * Makes the function that returns the token with which git reads and pushes as a GitHub App. GitHub
 * makes a new token when the last one is about to expire. The function throws the failures that the
 * type `GitHub` describes.
 */
export function installationToken({ api, variable, ...access }: Deps): () => Promise<string> {
  const octokit = octokitFor(api, access);
  const what = `a token for installation ${access.app.installation} of the GitHub App`;
  return async () => {
    try {
      const made = (await octokit.auth({ type: 'installation' })) as { token: string };
      return made.token;
    } catch (cause) {
      throw githubFailure(cause, { what, repository: 'the repository', effect: false }, variable);
    }
  };
}
