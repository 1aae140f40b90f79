import type { Activities, Reverted } from '../domain/activities.ts';
import { failures } from '../domain/failures.ts';
import type { Plan } from '../domain/plan.ts';
import type { Git } from './git.ts';
import type { InMirror } from './git/mirror.ts';
import { pulse } from './git/pulse.ts';
import { brokenMirror, shown } from './git/refuse.ts';
import { buildRevert, deployTrailer } from './git/revert-commit.ts';
import type { GitHub } from './github.ts';
import { final, transient, unknown } from './lib/fail.ts';
import { createAskMerge } from './revert/ask-merge.ts';
import type { AskMerge } from './revert/ask-merge.ts';

type Input = Parameters<Activities['revertMain']>[0];
type Deps = { git: Git; github: GitHub | null };
type Parts = { git: Git; askMerge: AskMerge | null };

/** Pushes of others that are waited for before the next attempt of the activity. */
const mostPlans = 5;
const short = (sha: string) => sha.slice(0, 7);

/**
 * One commit on the branch that takes its content, or the project's paths of it, back to the restored release,
 * keeping what others pushed since. Looks first: a revert of this deploy that is there is adopted. Where the
 * branch is protected, or a pull request is wanted, a pull request that a person merges. Final needsPerson: a
 * conflict or a refused push. Unknown: the next attempt looks.
 */
export const createRevert = ({ git, github }: Deps): Pick<Activities, 'revertMain'> => ({
  async revertMain(input) {
    const nothing = nothingToDo(input);
    if (nothing) return settled(nothing);
    const { github: at } = input.plan;
    const askMerge = github && at ? createAskMerge({ git, github, repository: at }) : null;
    return pulse(() => untilPushed({ git, askMerge }, input));
  },
});

async function untilPushed(parts: Parts, input: Input): Promise<Reverted> {
  for (let attempt = 1; attempt <= mostPlans; attempt += 1) {
    const result = await once(parts, input);
    if (result) return result;
  }
  const { branch, target } = input.plan;
  throw transient(
    `${branch} of ${shown(target.repository)} moved ${mostPlans} times while it was reverted.`,
  );
}

function nothingToDo({ plan, restored }: Input): string | null {
  if (plan.revert === 'off')
    return `left as it is (revert: off), so ${plan.branch} still holds ${short(plan.sha)}`;
  if (restored.sha === plan.sha)
    return `nothing to revert: ${short(plan.sha)} was restored, only its settings differed`;
  return null;
}

/** null = the branch moved meanwhile: read it again and plan anew. */
async function once(parts: Parts, input: Input): Promise<Reverted | null> {
  const { plan, restored, cause } = input;
  const { repository } = plan.target;
  const mirror = await parts.git.plumbing(repository);
  const head = await headOf(mirror, plan);
  const earlier = await earlierRevert(mirror, plan, head);
  if (earlier) return done(earlier);
  const nothing = await nothingOn(parts.git, input, head);
  if (nothing) return settled(`nothing to revert: ${nothing}`);
  const revert = await buildRevert(mirror, { plan, restored, head, kind: cause.kind });
  if (revert.made === 'nothing')
    return settled(`nothing to revert: ${plan.branch} already has that content`);
  if (revert.made === 'conflict') throw conflict(plan, restored.sha, revert.files);
  return publish(parts, plan, { head, sha: revert.sha });
}

async function nothingOn(git: Git, { plan, restored }: Input, head: string) {
  const { repository } = plan.target;
  if (!(await git.isAncestor(repository, plan.sha, head)))
    return `${short(plan.sha)} is not on ${plan.branch}`;
  if (await git.isAncestor(repository, plan.sha, restored.sha))
    return `${short(restored.sha)} is the newer commit`;
  return null;
}

async function headOf(mirror: InMirror, plan: Plan): Promise<string> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options'];
  const answer = await mirror([...args, `refs/heads/${plan.branch}^{commit}`]);
  if (answer.code === 0) return answer.stdout.trim();
  throw needsPerson(plan, `${shown(plan.target.repository)} has no branch ${plan.branch}`);
}

/** A commit of an earlier attempt, or of its merged pull request, found by the whole line of its trailer. */
async function earlierRevert(mirror: InMirror, plan: Plan, head: string): Promise<string | null> {
  const format = `--format=%H %(trailers:key=${deployTrailer},valueonly,separator=%x2C)`;
  const log = await mirror(['log', format, head, `^${plan.sha}`, '--']);
  if (log.code !== 0) throw brokenMirror(`read ${plan.branch}`, log);
  const line = log.stdout.split('\n').find((text) => text.slice(41).trim() === plan.deployId);
  return line?.slice(0, 40) ?? null;
}

type Built = { head: string; sha: string };

async function publish({ git, askMerge }: Parts, plan: Plan, { head, sha }: Built) {
  const { repository } = plan.target;
  if (plan.revert === 'pull-request') {
    if (!askMerge)
      throw needsPerson(plan, 'a pull request was wanted, and GitHub is not configured');
    return askMerge.ask(plan, { sha, why: null });
  }
  const result = await git.push(repository, { sha, branch: plan.branch, expected: head });
  if (result.pushed === 'done') return done(sha);
  if (result.pushed === 'moved') return null;
  if (result.pushed === 'refused') {
    if (askMerge && isProtected(result.why)) return askMerge.ask(plan, { sha, why: result.why });
    throw needsPerson(plan, `${shown(repository)} refused the push: ${result.why}`);
  }
  const now = await git.remoteHead(repository, plan.branch);
  if (now !== head) return null;
  throw unknown(`The push to ${plan.branch} got no answer: ${result.why}`);
}

/** GitHub's codes of a protected branch and of a ruleset; a token that may not push is another matter. */
const isProtected = (why: string) => /GH006|GH013|protected branch|rule violations/i.test(why);

const settled = (note: string): Reverted => ({ sha: null, note, settled: true });

const done = (sha: string): Reverted => ({ sha, note: `reverted by ${short(sha)}` });

const needsPerson = (plan: Plan, why: string) =>
  final(
    failures.needsPerson,
    `${plan.branch} was not reverted: ${why}.\n` +
      `Production is restored; ${plan.branch} still holds ${short(plan.sha)}. Revert it by hand, in a ` +
      `pull request if need be: git revert ${plan.sha}`,
  );

function conflict(plan: Plan, restored: string, files: string[]) {
  const some = files.slice(0, 5).join(', ') + (files.length > 5 ? `, … (${files.length})` : '');
  return final(
    failures.needsPerson,
    `${plan.branch} was not reverted: what was pushed since conflicts with it in ${some}.\n` +
      `Production is restored; ${plan.branch} still holds ${short(plan.sha)}. Take ` +
      `${short(restored)}..${short(plan.sha)} back by hand: git revert ${plan.sha}`,
  );
}
