import { ApplicationFailure } from '@temporalio/common';
import type { Entry } from '../../domain/activities.ts';
import { plimsoll } from '../../domain/messages.ts';
import type { Plan } from '../../domain/plan.ts';
import { failures } from '../../domain/failures.ts';
import type { PlatformFacts } from '../../domain/policy/gates.ts';
import { commitOf, releaseOf } from '../../domain/policy/standing.ts';
import type { Git } from '../git.ts';
import { takenBack } from '../git/taken-back.ts';
import type { Ledger } from '../ledger.ts';

type Deps = {
  git: Pick<Git, 'isAncestor' | 'treeOf' | 'messages'>;
  ledger: Pick<Ledger, 'quarantines'>;
};

/**
 * The newest quarantine that covers this release: its id, its commit, equal files, or a descendant without the
 * revert. An entry without a commit is about its release id alone: that commit was what was restored.
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

/** What is added to the reason; null = the entry is about something else. */
async function covers(git: Deps['git'], plan: Plan, entry: Entry): Promise<string | null> {
  if (releaseOf(entry)?.id === plan.release.id) return '';
  const { sha } = entry.body;
  if (typeof sha !== 'string') return null;
  if (sha === plan.sha) return '';
  try {
    if (await sameFiles(git, plan, sha)) return ` (the same files as ${sha.slice(0, 7)})`;
    if (entry.body['first'] === true) return null;
    const kept = await contains(git, plan, { sha, deployId: entry.deployId });
    return kept ? ` (it contains ${sha.slice(0, 7)}, never reverted)` : null;
  } catch (cause) {
    if (cause instanceof ApplicationFailure && cause.type === failures.refused) return null;
    throw cause;
  }
}

/** Of a project that has only paths of the repository, only these are compared. */
async function sameFiles(git: Deps['git'], { target, sha, paths }: Plan, bad: string) {
  const there = await git.treeOf(target.repository, bad, paths);
  return there !== '' && there === (await git.treeOf(target.repository, sha, paths));
}

type Quarantined = { sha: string; deployId: string | null };

async function contains(git: Deps['git'], plan: Plan, { sha, deployId }: Quarantined) {
  const { repository } = plan.target;
  if (!(await git.isAncestor(repository, sha, plan.sha))) return false;
  const { shas, deploys } = takenBack(await git.messages(repository, sha, plan.sha));
  return !shas.has(sha) && !(deployId !== null && deploys.has(deployId));
}

/** About the quarantined commit, which may be an ancestor of what is to be shipped. */
function liftCommand({ project, environment, sha }: Plan, entry: Entry): string {
  const commit = (commitOf(entry) ?? sha).slice(0, 12);
  return `${plimsoll} lift ${project} ${entry.environment ?? environment} ${commit} --reason "why it is safe"`;
}
