import type { Activities } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { shellWord } from '../../domain/lib/shell-word.ts';
import type { Git } from './git.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import { shown } from './refuse.ts';
import { final, transient, unknown } from '../lib/fail.ts';
import { effect } from '../lib/effect.ts';

type Input = Parameters<Activities['publishCommit']>[0];
type Published = Awaited<ReturnType<Activities['publishCommit']>>;

/**
 * The largest number of pushes in one attempt of the activity. A push fails if somebody else pushes
 * to the branch at the same time. After the last push, Temporal retries the activity.
 */
const mostTries = 5;
const short = (sha: string) => sha.slice(0, 7);

/**
 * Makes the activity that pushes the approved commit to the branch that the platform builds. If the
 * branch already contains the commit, pushes nothing. Never overwrites commits of other people.
 * Throws a failure of type 'unknownOutcome' if the push got no answer. The next attempt first reads
 * the branch.
 */
export const createPublish = (deps: {
  git: Pick<Git, 'remoteHead' | 'isAncestor' | 'push'>;
}): Pick<Activities, 'publishCommit'> => ({
  publishCommit: effect('publishCommit', (input) =>
    withHeartbeat(() => untilThere(deps.git, input)),
  ),
});

type Repository = Pick<Git, 'remoteHead' | 'isAncestor' | 'push'>;

async function untilThere(git: Repository, input: Input): Promise<Published> {
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    const published = await once(git, input);
    if (published) return published;
  }
  throw transient(
    `${nameOf(input)} did not contain ${short(input.deploy.sha)} after ${mostTries} pushes.`,
  );
}

const nameOf = ({ target, branch }: Input) => `${branch} of ${shown(target.repository)}`;

/**
 * Tries the push once. Returns null if the branch still does not contain the commit, for example
 * because somebody else pushed first. Then the caller tries again.
 */
async function once(git: Repository, input: Input): Promise<Published | null> {
  const { deploy, target, branch } = input;
  const { repository } = target;
  const head = await git.remoteHead(repository, branch);
  if (head === null)
    throw refused(input, 'there is no such branch', `git push origin ${shellWord(branch)}`);
  if (await git.isAncestor(repository, deploy.sha, head)) return { published: 'already' };
  if (!(await git.isAncestor(repository, head, deploy.sha))) throw apart(input, head);
  const result = await git.push(repository, { sha: deploy.sha, branch, expected: head });
  if (result.pushed === 'done') return await seen(git, input);
  if (result.pushed === 'moved') return null;
  if (result.pushed === 'refused')
    throw refused(
      input,
      result.why,
      `git push origin ${shellWord(`${short(deploy.sha)}:${branch}`)}`,
    );
  throw unknown(`The push to ${nameOf(input)} got no answer: ${result.why}`);
}

/** Reads the branch after the push. Returns null if the branch does not contain the commit. */
async function seen(git: Repository, input: Input): Promise<Published | null> {
  const { deploy, target, branch } = input;
  const head = await git.remoteHead(target.repository, branch);
  if (head !== null && (await git.isAncestor(target.repository, deploy.sha, head)))
    return { published: 'done' };
  return null;
}

const refused = (input: Input, why: string, command: string) =>
  final(
    failures.rejectedByPlatform,
    `${short(input.deploy.sha)} was not pushed to ${nameOf(input)}: ${why}.\n` +
      'Nothing was touched. Merge the pull request of the commit, or push the commit by hand: ' +
      `${command}\nThen deploy again.`,
  );

const apart = (input: Input, head: string) =>
  final(
    failures.refused,
    `${short(input.deploy.sha)} cannot be pushed to ${nameOf(input)}, because it does not contain ` +
      `${short(head)}, the newest commit of the branch.\n` +
      'Nothing was touched, and no commit of other people was overwritten. ' +
      'Rebase or merge, then deploy the new commit.',
  );
