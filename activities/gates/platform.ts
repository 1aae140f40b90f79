import { readOr } from '../lib/read-or.ts';
import type { GateReport, HostState, Plan, Target } from '../../domain/deploy/plan.ts';
import { judgePlatform } from '../../domain/gates/platform.ts';
import type { PlatformFacts } from '../../domain/gates/platform.ts';
import { sitesOf } from '../../domain/platforms/sites.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Git } from '../git/git.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import { named } from '../../domain/messages/github-refusal.ts';
import { shown } from '../git/refuse.ts';
import type { SafeFetch } from '../lib/safe-fetch/safe-fetch.ts';
import type { Ledger } from '../ledger/types.ts';
import type { Driver, DriverOf } from '../platforms/driver.ts';
import { quarantineOf } from './quarantine.ts';
import { reportOf } from './report.ts';

export type PlatformDeps = {
  config: Pick<Config, 'sandbox'>;
  git: Git;
  ledger: Pick<Ledger, 'quarantines'>;
  driverOf: DriverOf;
  fetch: SafeFetch;
  /** Configured addresses that belong to other machines. */
  remoteEndpoints: readonly string[];
};

/**
 * Makes the platform gate. The gate collects the state of every host, the rollback target, the
 * platform's guards and the quarantines. It also checks whether a revert could be pushed.
 */
export const createPlatformGate =
  (deps: PlatformDeps) =>
  async ({ plan }: { plan: Plan }): Promise<GateReport> =>
    withHeartbeat(async () => {
      const { target, release, rollbackTarget, noReturn } = plan;
      const driver = deps.driverOf(target);
      const unread: string[][] = [[], [], [], [], [], []];
      const [live, quarantine, push, lost, guards, leftOut, rollbackReady] = await Promise.all([
        readOr(unread[0]!, () => driver.inspect(target), [] as HostState[]),
        readOr(unread[1]!, () => quarantineOf(deps, plan), null),
        readOr(unread[2]!, () => cannotPush(deps.git, plan), null),
        readOr(unread[3]!, () => lostPaths(deps.git, plan), null),
        readOr(unread[4]!, () => driver.guards(plan), [] as string[]),
        readOr(unread[5]!, () => leftOutBy(deps, driver, plan), [] as string[]),
        rollbackTarget ? driver.rollbackReady(target, rollbackTarget) : [],
      ]);
      const errors = [...unread.flat(), ...[push, lost].filter((why) => why !== null)];
      const facts: PlatformFacts = {
        hosts: sitesOf(target).map(({ name }) => name),
        live,
        release,
        rollbackTarget,
        ...(noReturn === undefined ? {} : { noReturn }),
        rollbackReady,
        quarantine,
        guards: [...guards, ...leftOut],
        ...roomFor(live, target),
        sandbox: deps.config.sandbox,
        timeScale: plan.timing.scale,
        remoteEndpoints: [...deps.remoteEndpoints],
        sourceErrors: errors,
      };
      return reportOf('platform', judgePlatform(facts));
    });

const leastFreeMb = 500;

/**
 * Returns the free space of each host, and the hosts on which Plimsoll cannot take a lock. If the
 * state of a host has no `freeMb`, its platform has no disk to check.
 */
function roomFor(live: HostState[], target: Target) {
  const least = 'minimumFreeMb' in target ? target.minimumFreeMb : undefined;
  const neededBytes = (least ?? leastFreeMb) * 1e6;
  const disk = live.flatMap(({ host, freeMb }) =>
    freeMb === undefined
      ? []
      : [
          {
            host,
            freeBytes: freeMb === null ? null : freeMb * 1e6,
            neededBytes,
          },
        ],
  );
  return {
    disk,
    withoutLock: live.filter(({ canLock }) => canLock === false).map(({ host }) => host),
  };
}

/**
 * Returns the reasons why the release would lack files of submodules or of Git LFS. A commit only
 * refers to these files and does not contain them.
 */
async function leftOutBy(
  { git, fetch }: Pick<PlatformDeps, 'git' | 'fetch'>,
  driver: Driver,
  { target, sha, paths }: Plan,
) {
  const elsewhere = await git.elsewhere(target.repository, sha, paths);
  if (elsewhere.submodules.length + elsewhere.lfs.length === 0) return [];
  return driver.leavesOut(target, elsewhere, (url) => isPublic(fetch, url));
}

/** True if the git server lists the refs of the repository without a login. */
async function isPublic(fetch: SafeFetch, url: string) {
  const at = `${url.replace(/\/+$/, '')}/info/refs?service=git-upload-pack`;
  const answer = await fetch(at, { leaveOrigin: false });
  return answer.answered && answer.status === 200;
}

/**
 * Tests whether the worker may push a revert. The test changes nothing. Returns the reason if the
 * server would refuse the push, else null. People must know this before the deploy, because during
 * a rollback it is too late.
 */
async function cannotPush(git: Git, plan: Plan): Promise<string | null> {
  if (plan.revert === 'off' || !plan.ownsBranch) return null;
  const { branch, target } = plan;
  const head = await git.remoteHead(target.repository, branch);
  if (!head)
    return (
      `the branch ${branch}, because ${shown(target.repository)} does not have it. ` +
      'Push the branch, or correct "branch" in plimsoll.yaml'
    );
  const tried = await git.tryPush(target.repository, { sha: head, branch, expected: head });
  if (tried.pushed !== 'refused') return null;
  return (
    `the right to revert ${branch}, because this worker may not push to it (${tried.why}). ` +
    `Give the token of the worker write access (at GitHub: ${named('contents')}), or set "revert: off"`
  );
}

/**
 * Returns a reason if a path of the project is neither in the commit nor in the rollback target,
 * else null. With a wrong path, a revert would change nothing.
 */
async function lostPaths(git: Git, { paths = [], sha, rollbackTarget, target }: Plan) {
  const isIn = async (path: string, commit: string) =>
    (await git.treeOf(target.repository, commit, [path])) !== '';
  const lost: string[] = [];
  for (const path of paths)
    if (!(await isIn(path, sha)) && !(rollbackTarget && (await isIn(path, rollbackTarget.sha))))
      lost.push(path);
  if (lost.length === 0) return null;
  return (
    `the project's files, because ${sha.slice(0, 7)} has no ${lost.join(', ')}. ` +
    'Correct "paths" in plimsoll.yaml'
  );
}
