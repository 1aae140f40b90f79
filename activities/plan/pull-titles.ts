import { setTimeout as delay } from 'node:timers/promises';
import type { Commit } from '../../domain/plan.ts';

/** The message to the approvers shows ten changes. */
const most = 10;
const patienceMs = 5_000;
const tellsItself = / \(#\d+\)$/;

/**
 * A rebase leaves no trace of its pull request in git: GitHub is asked, about the newest commits. Advisory: who
 * does not answer in 5 s, or not at all, changes nothing.
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
  const asking = Promise.all(unknown.map(ask));
  await Promise.race([asking, delay(patienceMs, undefined, { ref: false })]);
  return commits.map((commit) => {
    const pull = pulls.get(commit.sha);
    return pull === undefined ? commit : { ...commit, pull };
  });
}
