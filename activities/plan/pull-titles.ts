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
 * Adds the titles of pull requests to the newest commits. Does not ask GitHub for a commit whose
 * title ends in the number of a pull request. After 5 s, returns the titles that GitHub has sent.
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
  // The requests run one after the other. Many parallel requests reach GitHub's secondary limit.
  const asking = async () => {
    for (const commit of unknown) if (!late.aborted) await ask(commit);
  };
  await Promise.race([asking(), delay(timeLimitMs, undefined, { ref: false })]);
  return commits.map((commit) => {
    const pull = pulls.get(commit.sha);
    return pull === undefined ? commit : { ...commit, pull };
  });
}
