import type { Reverted } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { pullNote, revertPull } from '../../domain/messages/github-pull.ts';
import type { Plan } from '../../domain/deploy/plan.ts';
import type { Git } from '../git/git.ts';
import type { GitHub } from '../github/github.ts';
import { final, unknown } from '../lib/fail.ts';

type Deps = { git: Git; github: Pick<GitHub, 'pullFrom' | 'openPull'>; repository: string };
type Wanted = {
  sha: string;
  /**
   * The reason why the revert could not be pushed. null means that the project is configured for
   * pull requests.
   */
  why: string | null;
};

export type AskMerge = {
  /**
   * Pushes the revert commit to a separate branch and opens a pull request. Skips the steps that an
   * earlier attempt did.
   */
  ask(plan: Plan, wanted: Wanted): Promise<Reverted>;
};

/**
 * Returns the name of the branch for the revert. Each deploy has its own branch name, so a deploy
 * has at most one revert and one pull request.
 */
const revertBranch = ({ deployId }: Plan) => `plimsoll/revert-${deployId}`;

/**
 * Makes the function that opens a pull request with the revert. `repository` is owner/name at
 * GitHub. The function throws a final failure of type 'needsPerson' if the worker may not push the
 * branch.
 */
export function createAskMerge({ git, github, repository }: Deps): AskMerge {
  const asked = async (plan: Plan) => {
    const pull = await github.pullFrom(repository, revertBranch(plan));
    return pull && pullNote(plan, pull);
  };
  return {
    async ask(plan, wanted) {
      const before = await asked(plan);
      if (before) return before;
      await pushBranch(git, plan, wanted);
      const [head, base] = [revertBranch(plan), plan.branch];
      await github.openPull(repository, { head, base, ...revertPull(plan, wanted) });
      const opened = await asked(plan);
      if (opened) return opened;
      throw unknown(`The pull request from ${head} is not visible yet.`);
    },
  };
}

/**
 * Pushes the branch of the revert. If the branch already exists, an earlier attempt pushed it, so
 * this function pushes nothing. People review the branch in the pull request.
 */
async function pushBranch(git: Git, plan: Plan, { sha }: Wanted) {
  const { repository } = plan.target;
  const branch = revertBranch(plan);
  if (await git.remoteHead(repository, branch)) return;
  const result = await git.push(repository, { sha, branch, expected: '' });
  if (result.pushed === 'done' || result.pushed === 'moved') return;
  if (result.pushed === 'unknown')
    throw unknown(`The push to ${branch} got no answer: ${result.why}`);
  throw final(
    failures.needsPerson,
    `${plan.branch} was not reverted, because the worker may not push the branch ${branch} ` +
      `(${result.why}).\n` +
      `Production is rolled back, but ${plan.branch} still contains ${plan.sha.slice(0, 7)}. ` +
      `Revert this commit by hand in a pull request: git revert ${plan.sha}`,
  );
}
