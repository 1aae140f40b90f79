import type { Reverted } from '../../domain/activities.ts';
import { failures } from '../../domain/failures.ts';
import type { Plan } from '../../domain/plan.ts';
import type { Git } from '../git.ts';
import type { GitHub } from '../github.ts';
import type { PullFact } from '../github/pulls.ts';
import { final, unknown } from '../lib/fail.ts';

type Deps = { git: Git; github: Pick<GitHub, 'pullFrom' | 'openPull'>; repository: string };
type Wanted = {
  sha: string;
  /** Why it could not be pushed; null = a pull request is what the project wants. */
  why: string | null;
};

export type AskMerge = {
  /** Push the revert to its own branch and open a pull request, each only where it is not there. */
  ask(plan: Plan, wanted: Wanted): Promise<Reverted>;
};

/** The branch is the key: one deploy has one revert and one pull request. */
export const revertBranch = ({ deployId }: Plan) => `plimsoll/revert-${deployId}`;

/** `repository` is owner/name at GitHub. Final needsPerson: the branch could not be pushed. */
export function createAskMerge({ git, github, repository }: Deps): AskMerge {
  const asked = async (plan: Plan) => {
    const pull = await github.pullFrom(repository, revertBranch(plan));
    return pull && toldOf(plan, pull);
  };
  return {
    async ask(plan, wanted) {
      const before = await asked(plan);
      if (before) return before;
      await pushBranch(git, plan, wanted);
      const [head, base] = [revertBranch(plan), plan.branch];
      await github.openPull(repository, { head, base, ...words(plan, wanted) });
      const opened = await asked(plan);
      if (opened) return opened;
      throw unknown(`The pull request from ${head} is not to be seen yet.`);
    },
  };
}

/** A branch of that name that is there is an earlier attempt's: what it holds is reviewed in the pull request. */
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
    `${plan.branch} was not reverted: neither it nor ${branch} may be pushed (${result.why}).\n` +
      `Production is restored; ${plan.branch} still holds ${plan.sha.slice(0, 7)}. Revert it by hand in a ` +
      `pull request: git revert ${plan.sha}`,
  );
}

/** A squash takes its message from here: the last lines are what a later deploy looks for. */
function words(plan: Plan, { why }: Wanted) {
  const { branch, deployId, environment, project, release } = plan;
  const bad = plan.sha.slice(0, 7);
  const body = [
    `${bad} was taken back from ${environment} of ${project}. ${branch} still holds it: whoever ` +
      'deploys from it ships it again. Merge this to take it back there too.',
    '',
    ...(why ? [`It was not pushed, since ${branch} is protected: ${why}.`, ''] : []),
    `This reverts commit ${plan.sha}.`,
    '',
    `Release-Id: ${release.id}`,
    `Plimsoll-Deploy: ${deployId}`,
  ];
  return { title: `Revert ${bad} of ${project}`, body: body.join('\n') };
}

function toldOf({ branch, sha }: Plan, { number, url, state, merged }: PullFact): Reverted {
  const pull = { number, url };
  if (merged)
    return { sha: null, note: `reverted by pull request #${number}: ${url}`, pull, settled: true };
  const still = `${branch} still holds ${sha.slice(0, 7)}`;
  const note =
    state === 'open'
      ? `${still}: a person must merge pull request #${number}: ${url}`
      : `${still}: pull request #${number} was closed without a merge: ${url}`;
  return { sha: null, note, pull };
}
