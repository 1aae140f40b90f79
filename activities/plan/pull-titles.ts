import { setTimeout as delay } from 'node:timers/promises';
import type { Commit, PullRequest } from '../../domain/deploy/plan.ts';

/**
 * The largest number of commits that get the title of a pull request. The message to the approvers
 * shows only ten commits.
 */
const most = 10;
const timeLimitMs = 5_000;

/**
 * Adds the pull requests to the newest commits. Only GitHub says which pull request a commit has: a
 * number in the title of a commit proves nothing. After 5 s, returns the pull requests that GitHub
 * has named.
 */
export async function withPulls<C extends Commit>(
  commits: readonly C[],
  pullOf: (sha: string) => Promise<PullRequest | null>,
): Promise<C[]> {
  const pulls = new Map<string, PullRequest>();
  const ask = async ({ sha }: Commit) => {
    const pull = await pullOf(sha).catch(() => null);
    if (pull !== null) pulls.set(sha, pull);
  };
  const late = AbortSignal.timeout(timeLimitMs);
  // The requests run one after the other. Many parallel requests reach GitHub's secondary limit.
  const asking = async () => {
    for (const commit of commits.slice(0, most)) if (!late.aborted) await ask(commit);
  };
  await Promise.race([asking(), delay(timeLimitMs, undefined, { ref: false })]);
  return commits.map((commit) => {
    const pull = pulls.get(commit.sha);
    return pull === undefined ? commit : { ...commit, pull };
  });
}
