import type { Activities } from '../domain/activities.ts';
import { failures } from '../domain/failures.ts';
import type { Plan } from '../domain/plan.ts';
import type { Config } from '../domain/schema.ts';
import type { Git } from './git.ts';
import type { InMirror } from './git/mirror.ts';
import { pulse } from './git/pulse.ts';
import { brokenMirror, shown } from './git/refuse.ts';
import { buildRevert, deployTrailer } from './git/revert-commit.ts';
import { final, transient, unknown } from './lib/fail.ts';

type Input = Parameters<Activities['revertMain']>[0];
type Result = { sha: string | null; note: string };
type Deps = { git: Git; config: Pick<Config, 'projects'> };

/** Pushes of others that are waited for before the next attempt of the activity. */
const mostPlans = 5;
const short = (sha: string) => sha.slice(0, 7);

/**
 * One commit on the branch that takes its content back to the restored release, keeping what others pushed
 * since. Looks first: a revert of this deploy that is there is adopted. Final needsPerson: a conflict or a
 * refused push. Unknown: the next attempt looks.
 */
export const createRevert = ({ git, config }: Deps): Pick<Activities, 'revertMain'> => ({
  async revertMain(input) {
    const nothing = nothingToDo(input);
    if (nothing) return { sha: null, note: nothing };
    refuseSharedRepository(config, input.plan);
    return pulse(() => untilPushed(git, input));
  },
});

async function untilPushed(git: Git, input: Input): Promise<Result> {
  for (let attempt = 1; attempt <= mostPlans; attempt += 1) {
    const result = await once(git, input);
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

/** Without the paths of each project a revert would take back the work of its neighbours. */
function refuseSharedRepository(config: Deps['config'], plan: Plan) {
  const { repository } = plan.target;
  const owners = Object.entries(config.projects)
    .filter(([name, project]) => name !== plan.project && project.repository === repository)
    .map(([name]) => name);
  if (owners.length === 0) return;
  throw needsPerson(
    plan,
    `${shown(repository)} also holds ${owners.join(', ')}, and a revert takes back the whole repository`,
  );
}

/** null = the branch moved meanwhile: read it again and plan anew. */
async function once(git: Git, { plan, restored, cause }: Input): Promise<Result | null> {
  const { repository } = plan.target;
  const mirror = await git.plumbing(repository);
  const head = await headOf(mirror, plan);
  const earlier = await earlierRevert(mirror, plan, head);
  if (earlier) return { sha: earlier, note: `reverted by ${short(earlier)}` };
  if (!(await git.isAncestor(repository, plan.sha, head)))
    return { sha: null, note: `nothing to revert: ${short(plan.sha)} is not on ${plan.branch}` };
  if (await git.isAncestor(repository, plan.sha, restored.sha))
    return { sha: null, note: `nothing to revert: ${short(restored.sha)} is the newer commit` };
  const revert = await buildRevert(mirror, { plan, restored, head, kind: cause.kind });
  if (revert.made === 'nothing')
    return { sha: null, note: `nothing to revert: ${plan.branch} already has that content` };
  if (revert.made === 'conflict') throw conflict(plan, restored.sha, revert.files);
  return publish(git, plan, { head, sha: revert.sha });
}

async function headOf(mirror: InMirror, plan: Plan): Promise<string> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options'];
  const answer = await mirror([...args, `refs/heads/${plan.branch}^{commit}`]);
  if (answer.code === 0) return answer.stdout.trim();
  throw needsPerson(plan, `${shown(plan.target.repository)} has no branch ${plan.branch}`);
}

/** A commit of an earlier attempt, found by the whole line of its trailer. */
async function earlierRevert(mirror: InMirror, plan: Plan, head: string): Promise<string | null> {
  const format = `--format=%H %(trailers:key=${deployTrailer},valueonly,separator=%x2C)`;
  const log = await mirror(['log', format, head, `^${plan.sha}`, '--']);
  if (log.code !== 0) throw brokenMirror(`read ${plan.branch}`, log);
  const line = log.stdout.split('\n').find((text) => text.slice(41).trim() === plan.deployId);
  return line?.slice(0, 40) ?? null;
}

async function publish(git: Git, plan: Plan, { head, sha }: { head: string; sha: string }) {
  const { repository } = plan.target;
  const result = await git.push(repository, { sha, branch: plan.branch, expected: head });
  if (result.pushed === 'done') return done(sha);
  if (result.pushed === 'moved') return null;
  if (result.pushed === 'refused')
    throw needsPerson(plan, `${shown(repository)} refused the push: ${result.why}`);
  const now = await git.remoteHead(repository, plan.branch);
  if (now !== head) return null;
  throw unknown(`The push to ${plan.branch} got no answer: ${result.why}`);
}

const done = (sha: string): Result => ({ sha, note: `reverted by ${short(sha)}` });

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
