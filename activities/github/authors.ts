import type { Octokit } from '@octokit/rest';
import { z } from 'zod';
import { named } from '../../domain/messages/github-refusal.ts';
import { parsed, split } from './ask.ts';
import type { Ask } from './ask.ts';

/** An account of GitHub. `bot` is true for a GitHub App, such as dependabot[bot]. */
export type Account = { login: string; bot: boolean };
/** A push to a branch. `before` has 40 zeros if the push made the branch. */
export type Push = { actor: Account; before: string; after: string; ref: string };

/** Reads who made commits. `repository` is owner/name. */
export type Authors = {
  /**
   * Returns the accounts that signed the given commits, by full SHA. GitHub has verified each of
   * these signatures. Reads the history of `head`, newest first, until all commits are found. Reads
   * at most 5 pages of 100 commits.
   */
  signersOf(
    repository: string,
    head: string,
    shas: readonly string[],
  ): Promise<Map<string, Account>>;
  /** Returns the newest pushes to all branches, newest first, at most 300. */
  pushes(repository: string): Promise<Push[]>;
};

const User = z.object({ login: z.string(), type: z.string() }).nullish();
const accountOf = (user: z.infer<typeof User>): Account | null =>
  user ? { login: user.login, bot: user.type === 'Bot' } : null;
const Listed = z.object({
  sha: z.string(),
  commit: z.object({ verification: z.object({ verified: z.boolean() }).nullish() }),
  // GitHub sends {} for an account that does not exist any more.
  author: z.union([User, z.object({}).transform(() => null)]),
  committer: z.union([User, z.object({}).transform(() => null)]),
});
const Activity = z.object({
  before: z.string(),
  after: z.string(),
  ref: z.string(),
  activity_type: z.string(),
  actor: User,
});

const perPage = 100;
const mostPages = 5;
const mostPushPages = 3;
/** The account that signs the commits that people make on the pages of GitHub. */
const webFlow = 'web-flow';

export function createAuthors(octokit: Octokit, ask: Ask): Authors {
  const { repos } = octokit.rest;
  return {
    async signersOf(repository, head, shas) {
      const what = `the commits of ${repository}`;
      const found = new Map<string, Account>();
      const missing = new Set(shas);
      return ask({ what, repository, effect: false, needs: named('contents') }, async () => {
        for (let page = 1; page <= mostPages && missing.size > 0; page += 1) {
          const options = { ...split(repository), sha: head, per_page: perPage, page };
          const { data } = await repos.listCommits(options);
          const listed = parsed(z.array(Listed), data, what);
          for (const one of listed) {
            const signer = signerOf(one);
            if (missing.delete(one.sha) && signer) found.set(one.sha, signer);
          }
          if (listed.length < perPage) break;
        }
        return found;
      });
    },
    async pushes(repository) {
      const what = `the pushes to ${repository}`;
      return ask({ what, repository, effect: false, needs: named('contents') }, async () => {
        const found: Push[] = [];
        let pages = 0;
        const options = { ...split(repository), per_page: perPage };
        for await (const { data } of octokit.paginate.iterator(repos.listActivities, options)) {
          for (const one of parsed(z.array(Activity), data, what)) {
            const actor = accountOf(one.actor);
            if (actor && kinds.includes(one.activity_type))
              found.push({ actor, before: one.before, after: one.after, ref: one.ref });
          }
          pages += 1;
          if (pages >= mostPushPages) break;
        }
        return found;
      });
    },
  };
}

/**
 * The kinds of activity whose actor made the commits. The merge of a pull request is not in the
 * list, because another person may have made the commits.
 */
const kinds = ['push', 'force_push', 'branch_creation'];

/**
 * Returns the account whose key signed the commit, or null if GitHub did not verify the signature.
 * For a commit that was made on a page of GitHub, returns the person who made it there.
 */
function signerOf({ commit, author, committer }: z.infer<typeof Listed>): Account | null {
  if (commit.verification?.verified !== true) return null;
  const account = accountOf(committer);
  return account?.login === webFlow ? accountOf(author) : account;
}
