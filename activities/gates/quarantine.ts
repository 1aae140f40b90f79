import { ApplicationFailure } from '@temporalio/common';
import type { Entry } from '../../domain/contract/activities.ts';
import { plimsoll } from '../../domain/deploy/wire.ts';
import type { Plan } from '../../domain/deploy/plan.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { PlatformFacts } from '../../domain/gates/platform.ts';
import { commitOf, releaseOf } from '../../domain/rollback/standing.ts';
import type { Git } from '../git/git.ts';
import { reverted } from '../git/reverted-commits.ts';
import type { Ledger } from '../ledger/types.ts';

type Deps = {
  git: Pick<Git, 'isAncestor' | 'treeOf' | 'messages'>;
  ledger: Pick<Ledger, 'quarantines'>;
};

/**
 * Returns the newest quarantine that covers this release, or null. A quarantine covers a release
 * with the same id, the same commit or equal files. It also covers a release that contains the bad
 * commit without a revert. After a failed first deploy, this last rule does not apply, because
 * every fix must contain the bad commit. A quarantine without a commit covers only its release id.
 */
export async function quarantineOf(
  { git, ledger }: Deps,
  plan: Plan,
): Promise<PlatformFacts['quarantine']> {
  for (const entry of await ledger.quarantines(plan.project)) {
    const covering = await covers(git, plan, entry);
    if (covering === null) continue;
    const { why } = entry.body;
    const reason = `${typeof why === 'string' ? why : 'no reason'}${covering}`;
    return { why: reason, since: entry.at, lift: liftCommand(plan, entry) };
  }
  return null;
}

/** Returns a text to add to the reason, or null if the quarantine does not cover the release. */
async function covers(git: Deps['git'], plan: Plan, entry: Entry): Promise<string | null> {
  if (releaseOf(entry)?.id === plan.release.id) return '';
  const { sha } = entry.body;
  if (typeof sha !== 'string') return null;
  if (sha === plan.sha) return '';
  try {
    if (await sameFiles(git, plan, sha)) return ` (the same files as ${sha.slice(0, 7)})`;
    if (entry.body['first'] === true) return null;
    const kept = await contains(git, plan, { sha, deployId: entry.deployId });
    return kept ? ` (it contains ${sha.slice(0, 7)}, which was not reverted)` : null;
  } catch (cause) {
    if (cause instanceof ApplicationFailure && cause.type === failures.refused) return null;
    throw cause;
  }
}

/**
 * True if both commits have equal files. If the project has only some paths of the repository,
 * compares only these paths.
 */
async function sameFiles(git: Deps['git'], { target, sha, paths }: Plan, bad: string) {
  const there = await git.treeOf(target.repository, bad, paths);
  return there !== '' && there === (await git.treeOf(target.repository, sha, paths));
}

type Quarantined = { sha: string; deployId: string | null };

async function contains(git: Deps['git'], plan: Plan, { sha, deployId }: Quarantined) {
  const { repository } = plan.target;
  if (!(await git.isAncestor(repository, sha, plan.sha))) return false;
  const { shas, deploys } = reverted(await git.messages(repository, sha, plan.sha));
  return !shas.has(sha) && !(deployId !== null && deploys.has(deployId));
}

/**
 * Returns the command that lifts the quarantine. The command names the quarantined commit, which
 * may be an ancestor of the commit to deploy.
 */
function liftCommand({ project, environment, sha }: Plan, entry: Entry): string {
  const commit = (commitOf(entry) ?? sha).slice(0, 12);
  return `${plimsoll} lift ${project} ${entry.environment ?? environment} ${commit} --reason "why it is safe"`;
}
