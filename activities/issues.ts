import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../domain/activities.ts';
import { failures } from '../domain/failures.ts';
import type { Plan, Release } from '../domain/plan.ts';
import type { Git } from './git.ts';
import type { Message } from './git/commits.ts';
import { takenBack } from './git/taken-back.ts';
import type { GitHub, IssueFact } from './github.ts';

const closing =
  /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:(?<repo>[\w.-]+\/[\w.-]+)?#|https:\/\/github\.com\/(?<at>[\w.-]+\/[\w.-]+)\/issues\/|(?<gh>GH-))(?<number>[1-9]\d{0,8})\b/gi;

/** Numbers of the issues of `repository` that these commits (newest first) say they close. */
export function issuesClosedBy(
  commits: readonly Message[],
  repository: string,
  back: ReadonlySet<string> = takenBack(commits).shas,
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
 * Comments on and closes every issue that a shipped commit says it closes, or reopens those of commits that
 * were taken back; once per deploy. Pull requests and issues that are not there are left alone. Only for the
 * environment whose releases are the branch.
 */
export const createIssues = ({
  git,
  github,
}: Deps): Pick<Activities, 'closeIssues' | 'reopenIssues'> => ({
  async closeIssues({ plan }) {
    if (!github || !plan.github || !plan.ownsBranch) return { closed: [] };
    const commits = await shipped(git, plan, plan.restoreTo);
    const back = await wholeMerges(git, plan, commits);
    const closed: number[] = [];
    for (const number of issuesClosedBy(commits, plan.github, back))
      if (await close(github, plan, { number, repository: plan.github })) closed.push(number);
    return { closed };
  },
  async reopenIssues({ plan, restored }) {
    if (!github || !plan.github || !plan.ownsBranch) return { reopened: [] };
    const commits = await shipped(git, plan, restored);
    const back = await wholeMerges(git, plan, commits);
    const reopened: number[] = [];
    for (const number of issuesClosedBy(commits, plan.github, back))
      if (await reopen(github, plan, { number, repository: plan.github })) reopened.push(number);
    return { reopened };
  },
});

/** A first deploy ships the whole history: only what the plan shows is its doing. */
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

/** git names only the merge that a person took back: the commits that it had brought went with it. */
async function wholeMerges(git: Git, plan: Plan, commits: Message[]): Promise<Set<string>> {
  const { shas, merges } = takenBack(commits);
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
    words: words(plan),
  });
  if (issue.state !== 'closed') await github.closeIssue(at.repository, at.number);
  return true;
}

/** Whoever closed it for another reason than that it was done meant it. */
const closedAsDone = ({ state, isPullRequest, reason }: IssueFact) =>
  state === 'closed' && !isPullRequest && (reason ?? 'completed') === 'completed';

async function reopen(github: GitHub, plan: Plan, at: At) {
  const issue = await github.issue(at.repository, at.number);
  const marker = `<!-- plimsoll:reopened:${plan.deployId} -->`;
  if (!issue || !closedAsDone(issue))
    return issue?.state === 'open' && (await github.hasComment(at.repository, at.number, marker));
  await commentOnce(github, at, { marker, words: takenBackWords(plan) });
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

const words = ({ project, environment, sha }: Plan) =>
  `Shipped to ${environment} of ${project} with ${sha.slice(0, 7)}, and proven by its watch.`;

const takenBackWords = ({ project, environment, sha }: Plan) =>
  `Reopened: ${sha.slice(0, 7)} was taken back from ${environment} of ${project}, ` +
  'and what closed this went with it.';
