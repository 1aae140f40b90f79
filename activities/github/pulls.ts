import type { Octokit } from '@octokit/rest';
import { z } from 'zod';
import { visible } from '../../domain/lib/visible.ts';
import type { Account } from './authors.ts';
import { parsed, split } from './ask.ts';
import type { Ask } from './ask.ts';
import { named } from '../../domain/messages/github-refusal.ts';

type PullFact = { number: number; url: string; state: 'open' | 'closed'; merged: boolean };
/**
 * A merged pull request. `author` is the account that opened it, or null if the account does not
 * exist any more. `branch` is the ref of its branch, or null if the branch is in another
 * repository.
 */
export type MergedPull = {
  number: number;
  title: string;
  author: Account | null;
  branch: string | null;
};
type NewPull = { head: string; base: string; title: string; body: string };

/**
 * Reads and opens pull requests. `repository` is owner/name. `head` is the name of a branch in this
 * repository.
 */
export type Pulls = {
  /**
   * Returns the newest pull request from this branch, open or closed. null means that the branch
   * never had a pull request.
   */
  pullFrom(repository: string, head: string): Promise<PullFact | null>;
  /**
   * Returns the first merged pull request with this commit. A later pull request may have added the
   * same commit to another branch. null means that no merged pull request has this commit.
   */
  pullOf(repository: string, sha: string): Promise<MergedPull | null>;
  /**
   * Opens a pull request and returns true. Returns false if GitHub says that this pull request
   * already exists.
   */
  openPull(repository: string, pull: NewPull): Promise<boolean>;
};

const Pull = z.object({
  number: z.number(),
  html_url: z.string(),
  state: z.enum(['open', 'closed']),
  merged_at: z.string().nullish(),
});

const Titled = z.object({
  number: z.number(),
  title: z.string(),
  merged_at: z.string().nullish(),
  user: z.object({ login: z.string(), type: z.string() }).nullish(),
  head: z.object({ ref: z.string(), repo: z.object({ full_name: z.string() }).nullish() }),
});

const needs = named('contents', 'pulls');

export function createPulls(octokit: Octokit, ask: Ask): Pulls {
  return {
    async pullFrom(repository, head) {
      const what = `the pull requests of ${repository} from ${head}`;
      return ask({ what, repository, effect: false, needs }, async () => {
        const { owner, repo } = split(repository);
        const from = { head: `${owner}:${head}`, state: 'all', per_page: 1 } as const;
        const { data } = await octokit.rest.pulls.list({ owner, repo, ...from });
        const [pull] = parsed(z.array(Pull), data, what);
        if (!pull) return null;
        const { number, html_url: url, state, merged_at } = pull;
        return { number, url, state, merged: typeof merged_at === 'string' };
      });
    },
    async pullOf(repository, sha) {
      const what = `the pull requests of ${repository} with ${sha.slice(0, 7)}`;
      return ask({ what, repository, effect: false, needs: named('pulls') }, async () => {
        const at = { ...split(repository), commit_sha: sha, per_page: 100 };
        const { data } = await octokit.rest.repos.listPullRequestsAssociatedWithCommit(at);
        const [merged] = parsed(z.array(Titled), data, what)
          .filter(({ merged_at }) => merged_at)
          .toSorted((a, b) => a.number - b.number);
        if (!merged) return null;
        const { number, title, user, head } = merged;
        const author = user ? { login: user.login, bot: user.type === 'Bot' } : null;
        const branch = head.repo?.full_name === repository ? `refs/heads/${head.ref}` : null;
        return { number, title: visible(title), author, branch };
      });
    },
    async openPull(repository, pull) {
      const what = `a pull request of ${repository} from ${pull.head}`;
      return ask({ what, repository, effect: true, needs }, async () => {
        const create = octokit.rest.pulls.create({ ...split(repository), ...pull });
        return await create.then(() => true, exists);
      });
    },
  };
}

function exists(cause: { status?: number; message?: string }): false {
  if (cause.status === 422 && /already exists/i.test(cause.message ?? '')) return false;
  throw cause;
}
