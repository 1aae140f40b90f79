import { ApplicationFailure } from '@temporalio/common';
import type { Entry } from '../../domain/activities.ts';
import type { Plan } from '../../domain/plan.ts';
import { failures } from '../../domain/failures.ts';
import type { PlatformFacts } from '../../domain/policy/gates.ts';
import type { Git } from '../git.ts';
import { takenBack } from '../git/taken-back.ts';
import type { Ledger } from '../ledger.ts';
import { releaseOf } from '../ledger/recall.ts';

type Deps = {
  git: Pick<Git, 'isAncestor' | 'treeOf' | 'messages'>;
  ledger: Pick<Ledger, 'quarantines'>;
};

/**
 * The quarantine that covers this release: its id, its commit, an equal tree, or a descendant without the
 * revert. Where the quarantined commit is what would be restored, only the release id counts.
 */
export async function quarantineOf(
  { git, ledger }: Deps,
  plan: Plan,
): Promise<PlatformFacts['quarantine']> {
  for (const entry of await ledger.quarantines(plan.project)) {
    const covering = await covers(git, plan, entry);
    if (covering === null) continue;
    const { why } = entry.body;
    return { why: `${typeof why === 'string' ? why : 'no reason'}${covering}`, since: entry.at };
  }
  return null;
}

/** What is added to the reason; null = the entry is about something else. */
async function covers(git: Deps['git'], plan: Plan, entry: Entry): Promise<string | null> {
  if (releaseOf(entry)?.id === plan.release.id) return '';
  const { sha } = entry.body;
  if (typeof sha !== 'string' || sha === plan.restoreTo?.sha) return null;
  if (sha === plan.sha) return '';
  const { repository } = plan.target;
  try {
    if ((await git.treeOf(repository, sha)) === (await git.treeOf(repository, plan.sha)))
      return ` (the same files as ${sha.slice(0, 7)})`;
    if (!(await git.isAncestor(repository, sha, plan.sha))) return null;
    const since = await git.messages(repository, sha, plan.sha);
    return takenBack(since).has(sha) ? null : ` (it contains ${sha.slice(0, 7)}, never reverted)`;
  } catch (cause) {
    if (cause instanceof ApplicationFailure && cause.type === failures.refused) return null;
    throw cause;
  }
}
