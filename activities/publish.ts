import type { Activities } from '../domain/activities.ts';
import { failures } from '../domain/failures.ts';
import type { Git } from './git.ts';
import { pulse } from './git/pulse.ts';
import { shown } from './git/refuse.ts';
import { final, transient, unknown } from './lib/fail.ts';

type Input = Parameters<Activities['publishCommit']>[0];
type Published = Awaited<ReturnType<Activities['publishCommit']>>;

/** Pushes of others that are waited for before the next attempt of the activity. */
const mostTries = 5;
const short = (sha: string) => sha.slice(0, 7);

/**
 * The approved commit on the branch that the platform builds. Looks first: a branch that holds it is left as it is.
 * Never rewrites what others pushed. Unknown: the next attempt looks.
 */
export const createPublish = (deps: {
  git: Pick<Git, 'remoteHead' | 'isAncestor' | 'push'>;
}): Pick<Activities, 'publishCommit'> => ({
  publishCommit: (input) => pulse(() => untilThere(deps.git, input)),
});

type Repository = Pick<Git, 'remoteHead' | 'isAncestor' | 'push'>;

async function untilThere(git: Repository, input: Input): Promise<Published> {
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    const published = await once(git, input);
    if (published) return published;
  }
  throw transient(
    `${nameOf(input)} did not hold ${short(input.deploy.sha)} after ${mostTries} pushes.`,
  );
}

const nameOf = ({ target, branch }: Input) => `${branch} of ${shown(target.repository)}`;

/** null = the branch is not where it was expected: read it again. */
async function once(git: Repository, input: Input): Promise<Published | null> {
  const { deploy, target, branch } = input;
  const { repository } = target;
  const head = await git.remoteHead(repository, branch);
  if (head === null) throw refused(input, 'there is no such branch', `git push origin ${branch}`);
  if (await git.isAncestor(repository, deploy.sha, head)) return { published: 'already' };
  if (!(await git.isAncestor(repository, head, deploy.sha))) throw apart(input, head);
  const result = await git.push(repository, { sha: deploy.sha, branch, expected: head });
  if (result.pushed === 'done') return await seen(git, input);
  if (result.pushed === 'moved') return null;
  if (result.pushed === 'refused')
    throw refused(input, result.why, `git push origin ${short(deploy.sha)}:${branch}`);
  throw unknown(`The push to ${nameOf(input)} got no answer: ${result.why}`);
}

/** An answer may be lost, and so may what it told of. */
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
      `Nothing was touched. Bring it there (${command}, or merge its pull request), then deploy again.`,
  );

const apart = (input: Input, head: string) =>
  final(
    failures.refused,
    `${short(input.deploy.sha)} cannot go onto ${nameOf(input)}: that is at ${short(head)}, which it does not ` +
      'contain.\nNothing was touched, and no commit of others is overwritten. Rebase or merge, then deploy the ' +
      'new commit.',
  );
