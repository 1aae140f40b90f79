import type { Cause, Plan, Release } from '../../domain/plan.ts';
import type { InMirror } from './mirror.ts';
import { partialTree } from './partial-tree.ts';
import { brokenMirror } from './refuse.ts';
import { touching } from './touching.ts';

export const deployTrailer = 'Plimsoll-Deploy';

export type Revert =
  | { made: 'commit'; sha: string }
  | { made: 'nothing' }
  | { made: 'conflict'; files: string[] };

export type RevertInput = {
  plan: Pick<Plan, 'sha' | 'release' | 'deployId' | 'plannedAt' | 'branch' | 'paths'>;
  restored: Release;
  head: string;
  kind: Cause['kind'];
};

/** Fixed by the plan: a retried attempt makes the same commit, so pushing it again changes nothing. */
function identity(plannedAt: string): Record<string, string> {
  const date = `@${Math.floor(Date.parse(plannedAt) / 1000)} +0000`;
  return {
    GIT_AUTHOR_NAME: 'Plimsoll',
    GIT_AUTHOR_EMAIL: 'plimsoll@localhost',
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: 'Plimsoll',
    GIT_COMMITTER_EMAIL: 'plimsoll@localhost',
    GIT_COMMITTER_DATE: date,
  };
}

const mostNamed = 1000;

const whatOf = ({ paths = [] }: RevertInput['plan']) => {
  const more = paths.length > 1 ? `and ${paths.length - 1} more ` : '';
  return paths.length > 0 ? `${paths[0]} ${more}` : '';
};

/** Every commit that is taken back is named, so that issues it closed are not closed again. */
function message({ plan, restored, kind }: RevertInput, taken: string[]) {
  const named = taken.slice(0, mostNamed).map((sha) => `This reverts commit ${sha}.`);
  const rest = taken.length - named.length;
  return [
    `Revert ${whatOf(plan)}to ${restored.sha.slice(0, 7)}: ${plan.sha.slice(0, 7)} was rolled back (${kind})`,
    '',
    ...named,
    ...(rest > 0 ? [`And ${rest} older commits of the same deploy.`] : []),
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

/** A three-way merge with the shipped commit as base: what others pushed since is kept. */
async function merge(git: InMirror, head: string, wanted: string) {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', head, wanted];
  const answer = await git(args);
  const [tree = '', ...files] = answer.stdout.split('\0').filter(Boolean);
  if (answer.code === 1) return { conflict: [...new Set(files)] };
  if (answer.code !== 0 || !/^[0-9a-f]{40}$/.test(tree))
    throw brokenMirror('merge the restored tree', answer);
  return { tree };
}

/** The commit that takes `head` back to the restored tree, or only the paths of it; nothing is pushed. */
export async function buildRevert(git: InMirror, input: RevertInput): Promise<Revert> {
  const { plan, restored, head } = input;
  const env = identity(plan.plannedAt);
  const commit = (what: string, parent: string, text: string) =>
    one(git, 'commit', ['commit-tree', what, '-p', parent, '-F', '-'], { env, input: text });
  const wanted = await commit(await treeFor(git, input), plan.sha, `Back to ${restored.sha}\n`);
  const merged = await merge(git, head, wanted);
  if (merged.conflict) return { made: 'conflict', files: merged.conflict };
  const present = await treeOf(git, 'read the branch', head);
  if (merged.tree === present) return { made: 'nothing' };
  const text = message(input, await takenBy(git, input));
  return { made: 'commit', sha: await commit(merged.tree, head, text) };
}

const treeOf = (git: InMirror, what: string, commit: string) =>
  one(git, what, ['rev-parse', '--verify', `${commit}^{tree}`]);

const treeFor = (git: InMirror, { plan, restored }: RevertInput) =>
  plan.paths
    ? partialTree(git, { shipped: plan.sha, restored: restored.sha, paths: plan.paths })
    : treeOf(git, 'read the restored tree', restored.sha);

async function takenBy(git: InMirror, { plan, restored }: RevertInput) {
  const range = ['rev-list', plan.sha, `^${restored.sha}`, '--'];
  const all = (await one(git, 'list what is taken back', range)).split('\n').filter(Boolean);
  return touching(git, all, plan.paths);
}
