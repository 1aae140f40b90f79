import type { Activities } from '../domain/activities.ts';
import type { Plan } from '../domain/plan.ts';
import type { Git } from './git.ts';
import type { Message } from './git/commits.ts';
import { takenBack } from './git/taken-back.ts';
import type { GitHub } from './github.ts';

const closing =
  /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:(?<repo>[\w.-]+\/[\w.-]+)?#|https:\/\/github\.com\/(?<at>[\w.-]+\/[\w.-]+)\/issues\/|(?<gh>GH-))(?<number>[1-9]\d{0,8})\b/gi;

/** Numbers of the issues of `repository` that these commits (newest first) say they close. */
export function issuesClosedBy(commits: readonly Message[], repository: string): number[] {
  const back = takenBack(commits);
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
 * Comments on and closes every issue that a shipped commit says it closes, once per deploy; pull requests and
 * issues that are not there are left alone. Only for the environment whose releases are the branch.
 */
export const createIssues = ({ git, github }: Deps): Pick<Activities, 'closeIssues'> => ({
  async closeIssues({ plan }) {
    if (!github || !plan.github || !plan.ownsBranch) return { closed: [] };
    const closed: number[] = [];
    for (const number of issuesClosedBy(await shipped(git, plan), plan.github))
      if (await settleIssue(github, plan, { number, repository: plan.github })) closed.push(number);
    return { closed };
  },
});

/** A first deploy ships the whole history: only what the plan shows is its doing. */
async function shipped(git: Git, plan: Plan): Promise<Message[]> {
  const from = plan.restoreTo?.sha ?? null;
  const messages = await git.messages(plan.target.repository, from, plan.sha);
  if (from) return messages;
  const named = new Set(plan.commits.map(({ sha }) => sha));
  return messages.filter(({ sha }) => named.has(sha));
}

type At = { number: number; repository: string };

async function settleIssue(github: GitHub, plan: Plan, { number, repository }: At) {
  const issue = await github.issue(repository, number);
  if (!issue || issue.isPullRequest) return false;
  const marker = `<!-- plimsoll:${plan.deployId} -->`;
  if (!(await github.hasComment(repository, number, marker)))
    await github.comment(repository, number, `${words(plan)}\n\n${marker}`);
  if (issue.state !== 'closed') await github.closeIssue(repository, number);
  return true;
}

const words = ({ project, environment, sha }: Plan) =>
  `Shipped to ${environment} of ${project} with ${sha.slice(0, 7)}, and proven by its watch.`;
