import type { Cause, Plan, Release } from '../../domain/deploy/plan.ts';
import type { InMirror } from './mirror.ts';
import { knownSecrets } from '../lib/known-secrets.ts';
import { partialTree } from './partial-tree.ts';
import { brokenMirror } from './refuse.ts';
import { touching } from './touching.ts';
import { plimsollIdentity } from './plimsoll-identity.ts';

export const deployTrailer = 'Plimsoll-Deploy';

export type Revert =
  | { made: 'commit'; sha: string }
  | { made: 'nothing' }
  | { made: 'conflict'; files: string[] };

export type RevertInput = {
  plan: Pick<Plan, 'sha' | 'release' | 'deployId' | 'plannedAt' | 'branch' | 'paths'>;
  rolledBackTo: Release;
  head: string;
  kind: Cause['kind'];
};

/**
 * The author and the time of the revert commit. The time is the time of the plan. So a retry makes
 * the same commit again and pushes nothing new.
 */
const identity = (plannedAt: string) =>
  plimsollIdentity(`@${Math.floor(Date.parse(plannedAt) / 1000)} +0000`);

const mostNamed = 1000;

const whatOf = ({ paths = [] }: RevertInput['plan']) => {
  const more = paths.length > 1 ? `and ${paths.length - 1} more ` : '';
  return paths.length > 0 ? `${paths[0]} ${more}` : '';
};

/**
 * Returns the message of the revert commit. The message names the reverted commits. So a later
 * deploy does not close the issues of the reverted commits again.
 */
function message({ plan, rolledBackTo, kind }: RevertInput, taken: string[]) {
  const named = taken.slice(0, mostNamed).map((sha) => `This reverts commit ${sha}.`);
  const rest = taken.length - named.length;
  return [
    `Revert ${whatOf(plan)}to ${rolledBackTo.sha.slice(0, 7)}: ${plan.sha.slice(0, 7)} was rolled back (${kind})`,
    '',
    ...named,
    ...(rest > 0 ? [`Older commits of the same deploy that are not listed: ${rest}.`] : []),
    '',
    `Release-Id: ${plan.release.id}`,
    `${deployTrailer}: ${plan.deployId}`,
    '',
  ].join('\n');
}

async function one(git: InMirror, what: string, args: string[], call = {}): Promise<string> {
  const answer = await git(args, call);
  if (answer.code !== 0) throw brokenMirror(what, answer);
  return answer.stdout.trim();
}

/**
 * Merges the commit `wanted` into the branch. The merge base is the deployed commit, which is the
 * parent of `wanted`. So the merge keeps later commits of other people. Returns the merged tree, or
 * the files with conflicts.
 */
async function merge(git: InMirror, head: string, wanted: string) {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', head, wanted];
  const answer = await git(args);
  const [tree = '', ...files] = answer.stdout.split('\0').filter(Boolean);
  if (answer.code === 1) return { conflict: [...new Set(files)] };
  if (answer.code !== 0 || !/^[0-9a-f]{40}$/.test(tree))
    throw brokenMirror('merge the tree of the rollback target', answer);
  return { tree };
}

/**
 * Makes a revert commit on top of `head`. The reverted files get the content that they have in the
 * rollback target. If the plan has paths, only files in these paths are reverted. Pushes nothing.
 */
export async function buildRevert(git: InMirror, input: RevertInput): Promise<Revert> {
  const { plan, rolledBackTo, head } = input;
  const env = identity(plan.plannedAt);
  const commit = (what: string, parent: string, text: string) =>
    one(git, 'commit', ['commit-tree', what, '-p', parent, '-F', '-'], {
      env,
      input: knownSecrets.clean(text),
    });
  const wanted = await commit(await treeFor(git, input), plan.sha, `Back to ${rolledBackTo.sha}\n`);
  const merged = await merge(git, head, wanted);
  if (merged.conflict) return { made: 'conflict', files: merged.conflict };
  const present = await treeOf(git, 'read the branch', head);
  if (merged.tree === present) return { made: 'nothing' };
  const text = message(input, await takenBy(git, input));
  return { made: 'commit', sha: await commit(merged.tree, head, text) };
}

const treeOf = (git: InMirror, what: string, commit: string) =>
  one(git, what, ['rev-parse', '--verify', `${commit}^{tree}`]);

const treeFor = (git: InMirror, { plan, rolledBackTo }: RevertInput) =>
  plan.paths
    ? partialTree(git, { shipped: plan.sha, rolledBackTo: rolledBackTo.sha, paths: plan.paths })
    : treeOf(git, 'read the tree of the rollback target', rolledBackTo.sha);

async function takenBy(git: InMirror, { plan, rolledBackTo }: RevertInput) {
  const range = ['rev-list', plan.sha, `^${rolledBackTo.sha}`, '--'];
  const all = (await one(git, 'list the reverted commits', range)).split('\n').filter(Boolean);
  return touching(git, all, plan.paths);
}
