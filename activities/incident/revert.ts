import type { Activities, Reverted } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import {
  notOnBranch,
  onlySettings,
  rollbackTargetIsNewer,
  revertedBy,
  revertIsOff,
  sameContent,
} from '../../domain/messages/revert.ts';
import type { Plan } from '../../domain/deploy/plan.ts';
import type { Git } from '../git/git.ts';
import type { InMirror } from '../git/mirror.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import { brokenMirror, shown } from '../git/refuse.ts';
import { buildRevert, deployTrailer } from '../git/revert-commit.ts';
import type { GitHub } from '../github/github.ts';
import { final, transient, unknown } from '../lib/fail.ts';
import { createAskMerge } from './ask-merge.ts';
import type { AskMerge } from './ask-merge.ts';
import { effect } from '../lib/effect.ts';

type Input = Parameters<Activities['revertMain']>[0];
type Deps = { git: Git; github: GitHub | null };
type Parts = { git: Git; askMerge: AskMerge | null };

/**
 * The largest number of tries in one attempt of the activity. A try fails if somebody else pushes
 * to the branch at the same time. After the last try, Temporal retries the activity.
 */
const mostPlans = 5;
const short = (sha: string) => sha.slice(0, 7);

/**
 * Makes the activity that reverts the branch to the rollback target by a new commit. If the project
 * has paths, the commit reverts only the files in these paths. It keeps later commits of other
 * people. If the branch already contains a revert of this deploy, the activity pushes nothing.
 *
 * If the branch is protected, or a pull request is configured, the activity opens a pull request
 * that a person must merge. Throws a final failure of type 'needsPerson' if there is a conflict or
 * the push is refused. Throws a failure of type 'unknownOutcome' if the push got no answer. The
 * next attempt first reads the branch.
 */
export const createRevert = ({ git, github }: Deps): Pick<Activities, 'revertMain'> => ({
  revertMain: effect('revertMain', async (input) => {
    const nothing = nothingToDo(input);
    if (nothing) return settled(nothing);
    const { github: at } = input.plan;
    const askMerge = github && at ? createAskMerge({ git, github, repository: at }) : null;
    return withHeartbeat(() => untilPushed({ git, askMerge }, input));
  }),
});

async function untilPushed(parts: Parts, input: Input): Promise<Reverted> {
  for (let attempt = 1; attempt <= mostPlans; attempt += 1) {
    const result = await once(parts, input);
    if (result) return result;
  }
  const { branch, target } = input.plan;
  throw transient(
    `${branch} of ${shown(target.repository)} changed ${mostPlans} times ` +
      'while Plimsoll reverted it.',
  );
}

function nothingToDo({ plan, rolledBackTo }: Input): string | null {
  if (plan.revert === 'off') return revertIsOff(plan);
  if (rolledBackTo.sha === plan.sha) return onlySettings(plan);
  return null;
}

/**
 * Tries the revert once. Returns null if the branch changed in the meantime. Then the caller tries
 * again.
 */
async function once(parts: Parts, input: Input): Promise<Reverted | null> {
  const { plan, rolledBackTo, cause } = input;
  const { repository } = plan.target;
  const mirror = await parts.git.plumbing(repository);
  const head = await headOf(mirror, plan);
  const earlier = await earlierRevert(mirror, plan, head);
  if (earlier) return done(earlier);
  const nothing = await nothingOn(parts.git, input, head);
  if (nothing) return settled(nothing);
  const revert = await buildRevert(mirror, { plan, rolledBackTo, head, kind: cause.kind });
  if (revert.made === 'nothing') return settled(sameContent(plan));
  if (revert.made === 'conflict') throw conflict(plan, rolledBackTo.sha, revert.files);
  return publish(parts, plan, { head, sha: revert.sha });
}

async function nothingOn(git: Git, { plan, rolledBackTo }: Input, head: string) {
  const { repository } = plan.target;
  if (!(await git.isAncestor(repository, plan.sha, head))) return notOnBranch(plan);
  if (await git.isAncestor(repository, plan.sha, rolledBackTo.sha))
    return rollbackTargetIsNewer(rolledBackTo.sha);
  return null;
}

async function headOf(mirror: InMirror, plan: Plan): Promise<string> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options'];
  const answer = await mirror([...args, `refs/heads/${plan.branch}^{commit}`]);
  if (answer.code === 0) return answer.stdout.trim();
  throw needsPerson(plan, `${shown(plan.target.repository)} has no branch ${plan.branch}`);
}

/**
 * Returns the SHA of a commit on the branch that already reverts this deploy, or null. An earlier
 * attempt or a merged pull request may have added this commit. The trailer `Plimsoll-Deploy` of the
 * commit must be exactly the deploy id.
 */
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
      throw needsPerson(plan, 'a pull request is required, but GitHub is not configured');
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

/**
 * True if GitHub refused the push because of a protected branch or a ruleset. False if the token
 * may not push at all.
 */
const isProtected = (why: string) => /GH006|GH013|protected branch|rule violations/i.test(why);

const settled = (note: string): Reverted => ({ sha: null, note, settled: true });

const done = (sha: string): Reverted => ({ sha, note: revertedBy(sha) });

const needsPerson = (plan: Plan, why: string) =>
  final(
    failures.needsPerson,
    `${plan.branch} was not reverted: ${why}.\n` +
      `Production is rolled back, but ${plan.branch} still contains ${short(plan.sha)}. ` +
      `Revert this commit by hand or in a pull request: git revert ${plan.sha}`,
  );

function conflict(plan: Plan, rolledBackTo: string, files: string[]) {
  const some = files.slice(0, 5).join(', ') + (files.length > 5 ? `, … (${files.length})` : '');
  return final(
    failures.needsPerson,
    `${plan.branch} was not reverted, ` +
      `because later commits conflict with the revert in ${some}.\n` +
      `Production is rolled back, but ${plan.branch} still contains ${short(plan.sha)}. Revert ` +
      `the commits after ${short(rolledBackTo)} by hand: git revert ${rolledBackTo}..${plan.sha}`,
  );
}
