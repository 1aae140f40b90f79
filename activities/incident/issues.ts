import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { reopenedComment, shippedComment } from '../../domain/messages/github-issue.ts';
import type { Plan, Release } from '../../domain/deploy/plan.ts';
import type { Git } from '../git/git.ts';
import type { Message } from '../git/commits.ts';
import { reverted } from '../git/reverted-commits.ts';
import type { GitHub, IssueFact } from '../github/github.ts';
import { effect } from '../lib/effect.ts';

const closing =
  /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:(?<repo>[\w.-]+\/[\w.-]+)?#|https:\/\/github\.com\/(?<at>[\w.-]+\/[\w.-]+)\/issues\/|(?<gh>GH-))(?<number>[1-9]\d{0,8})\b/gi;

/**
 * Returns the numbers of the issues of `repository` that the messages of these commits close. The
 * caller passes `commits` newest first. `back` lists the reverted commits. Their messages do not
 * count.
 */
export function issuesClosedBy(
  commits: readonly Message[],
  repository: string,
  back: ReadonlySet<string> = reverted(commits).shas,
): number[] {
  const numbers = new Set<number>();
  for (const { sha, message } of commits) {
    if (back.has(sha)) continue;
    for (const { groups = {} } of message.matchAll(closing)) {
      const where = groups.repo ?? groups.at ?? repository;
      if (where.toLowerCase() === repository.toLowerCase()) numbers.add(Number(groups.number));
    }
  }
  return [...numbers].toSorted((a, b) => a - b);
}

type Deps = { git: Git; github: GitHub | null };

/**
 * Makes two activities. `closeIssues` closes every issue that the message of a deployed commit
 * names as closed. `reopenIssues` reopens these issues after a rollback. Each activity comments
 * once on each issue. Both skip pull requests and missing issues. Both do nothing if
 * `plan.ownsBranch` is false.
 */
export const createIssues = ({
  git,
  github,
}: Deps): Pick<Activities, 'closeIssues' | 'reopenIssues'> => ({
  closeIssues: effect('closeIssues', async ({ plan }) => {
    if (!github || !plan.github || !plan.ownsBranch) return { closed: [] };
    const commits = await shipped(git, plan, plan.rollbackTarget);
    const back = await wholeMerges(git, plan, commits);
    const closed: number[] = [];
    for (const number of issuesClosedBy(commits, plan.github, back))
      if (await close(github, plan, { number, repository: plan.github })) closed.push(number);
    return { closed };
  }),
  reopenIssues: effect('reopenIssues', async ({ plan, rolledBackTo }) => {
    if (!github || !plan.github || !plan.ownsBranch) return { reopened: [] };
    const commits = await shipped(git, plan, rolledBackTo);
    const back = await wholeMerges(git, plan, commits);
    const reopened: number[] = [];
    for (const number of issuesClosedBy(commits, plan.github, back))
      if (await reopen(github, plan, { number, repository: plan.github })) reopened.push(number);
    return { reopened };
  }),
});

/**
 * Returns the commits of the deploy, with their messages. For a first deploy, returns only the
 * commits in the plan, not the whole history. If the plan has paths, returns only the commits that
 * change these paths.
 */
async function shipped(git: Git, plan: Plan, since: Release | null): Promise<Message[]> {
  const { repository } = plan.target;
  const messages = await git.messages(repository, since?.sha ?? null, plan.sha);
  const named = new Set(plan.commits.map(({ sha }) => sha));
  const all = since ? messages : messages.filter(({ sha }) => named.has(sha));
  if (!plan.paths) return all;
  const shas = all.map(({ sha }) => sha);
  const ours = new Set(await git.touching(repository, shas, plan.paths));
  return all.filter(({ sha }) => ours.has(sha));
}

/**
 * Returns the SHAs of all reverted commits. The message that reverts a merge names only the merge
 * commit. So this function adds the SHAs of the commits that the merge added.
 */
async function wholeMerges(git: Git, plan: Plan, commits: Message[]): Promise<Set<string>> {
  const { shas, merges } = reverted(commits);
  for (const { merge, kept } of merges) {
    const brought = await git.messages(plan.target.repository, kept, merge).catch(unknownCommit);
    for (const { sha } of brought) shas.add(sha);
  }
  return shas;
}

function unknownCommit(cause: unknown): Message[] {
  if (cause instanceof ApplicationFailure && cause.type === failures.refused) return [];
  throw cause;
}

type At = { number: number; repository: string };

async function close(github: GitHub, plan: Plan, at: At) {
  const issue = await github.issue(at.repository, at.number);
  if (!issue || issue.isPullRequest) return false;
  await commentOnce(github, at, {
    marker: `<!-- plimsoll:${plan.deployId} -->`,
    words: shippedComment(plan),
  });
  if (issue.state !== 'closed') await github.closeIssue(at.repository, at.number);
  return true;
}

/**
 * True if the issue was closed as completed. Plimsoll reopens only issues that were closed as
 * completed.
 */
const closedAsDone = ({ state, isPullRequest, reason }: IssueFact) =>
  state === 'closed' && !isPullRequest && (reason ?? 'completed') === 'completed';

async function reopen(github: GitHub, plan: Plan, at: At) {
  const issue = await github.issue(at.repository, at.number);
  const marker = `<!-- plimsoll:reopened:${plan.deployId} -->`;
  if (!issue || !closedAsDone(issue))
    return issue?.state === 'open' && (await github.hasComment(at.repository, at.number, marker));
  await commentOnce(github, at, { marker, words: reopenedComment(plan) });
  await github.reopenIssue(at.repository, at.number);
  return true;
}

async function commentOnce(
  github: GitHub,
  { repository, number }: At,
  { marker, words: text }: { marker: string; words: string },
) {
  if (!(await github.hasComment(repository, number, marker)))
    await github.comment(repository, number, `${text}\n\n${marker}`);
}
