import { setTimeout as delay } from 'node:timers/promises';
import type { Commit } from '../../domain/deploy/plan.ts';

/**
 * The largest number of commits that get the title of a pull request. The message to the approvers
 * shows only ten commits.
 */
const most = 10;
const timeLimitMs = 5_000;
const tellsItself = / \(#\d+\)$/;

/**
 * Adds the titles of pull requests to the newest commits. GitHub is asked for each commit whose own
 * title does not end in the number of a pull request. Commits for which GitHub does not answer
 * within 5 s stay as they are.
 */
export async function withPulls<C extends Commit>(
  commits: readonly C[],
  pullOf: (sha: string) => Promise<string | null>,
): Promise<C[]> {
  const pulls = new Map<string, string>();
  const unknown = commits.slice(0, most).filter(({ title }) => !tellsItself.test(title));
  const ask = async ({ sha }: Commit) => {
    const pull = await pullOf(sha).catch(() => null);
    if (pull !== null) pulls.set(sha, pull);
  };
  const late = AbortSignal.timeout(timeLimitMs);
  // One request at a time: many requests at the same moment reach GitHub's secondary limit.
  const asking = async () => {
    for (const commit of unknown) if (!late.aborted) await ask(commit);
  };
  await Promise.race([asking(), delay(timeLimitMs, undefined, { ref: false })]);
  return commits.map((commit) => {
    const pull = pulls.get(commit.sha);
    return pull === undefined ? commit : { ...commit, pull };
  });
}
