import type { GateReport, HostState, Plan, Target } from '../../domain/plan.ts';
import { judgePlatform } from '../../domain/policy/gates.ts';
import type { PlatformFacts } from '../../domain/policy/gates.ts';
import { sitesOf } from '../../domain/policy/sites.ts';
import type { Config } from '../../domain/schema.ts';
import type { Git } from '../git.ts';
import { pulse } from '../git/pulse.ts';
import { shown } from '../git/refuse.ts';
import type { Ledger } from '../ledger.ts';
import type { DriverOf } from '../platforms/driver.ts';
import { quarantineOf } from './quarantine.ts';
import { readOr, reportOf } from './report.ts';

export type PlatformDeps = {
  config: Pick<Config, 'sandbox'>;
  git: Git;
  ledger: Pick<Ledger, 'quarantines'>;
  driverOf: DriverOf;
  /** Addresses of the configuration that are not on this machine. */
  remoteEndpoints: readonly string[];
};

/** Places, way back, the platform's own guards, quarantine, and whether a revert of the branch could be pushed. */
export const createPlatformGate =
  (deps: PlatformDeps) =>
  async ({ plan }: { plan: Plan }): Promise<GateReport> =>
    pulse(async () => {
      const { target, release, restoreTo, noReturn } = plan;
      const driver = deps.driverOf(target);
      const unread: string[][] = [[], [], [], [], []];
      const [live, quarantine, push, lost, guards, wayBack] = await Promise.all([
        readOr(unread[0]!, () => driver.inspect(target), [] as HostState[]),
        readOr(unread[1]!, () => quarantineOf(deps, plan), null),
        readOr(unread[2]!, () => cannotPush(deps.git, plan), null),
        readOr(unread[3]!, () => lostPaths(deps.git, plan), null),
        readOr(unread[4]!, () => driver.guards(plan), [] as string[]),
        restoreTo ? driver.wayBack(target, restoreTo) : [],
      ]);
      const errors = [...unread.flat(), ...[push, lost].filter((why) => why !== null)];
      const facts: PlatformFacts = {
        hosts: sitesOf(target).map(({ name }) => name),
        live,
        release,
        restoreTo,
        ...(noReturn === undefined ? {} : { noReturn }),
        wayBack,
        quarantine,
        guards,
        ...roomFor(live, target),
        sandbox: deps.config.sandbox,
        timeScale: plan.timing.scale,
        remoteEndpoints: [...deps.remoteEndpoints],
        sourceErrors: errors,
      };
      return reportOf('platform', judgePlatform(facts));
    });

const leastFreeMb = 500;

/** A host whose state does not say it was not asked. */
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

/** A dry run of the push that a revert needs: the server says no before anything else is asked. */
async function cannotPush(git: Git, plan: Plan): Promise<string | null> {
  if (plan.revert === 'off' || !plan.ownsBranch) return null;
  const { branch, target } = plan;
  const head = await git.remoteHead(target.repository, branch);
  if (!head) return `${branch} of ${shown(target.repository)}: there is no such branch`;
  const tried = await git.tryPush(target.repository, { sha: head, branch, expected: head });
  if (tried.pushed !== 'refused') return null;
  return (
    `whether ${branch} could be reverted: this worker may not push to it (${tried.why}); ` +
    'give its token write access, or set "revert: off"'
  );
}

/** With a mistyped path a revert would take nothing back. */
async function lostPaths(git: Git, { paths = [], sha, restoreTo, target }: Plan) {
  const isIn = async (path: string, commit: string) =>
    (await git.treeOf(target.repository, commit, [path])) !== '';
  const lost: string[] = [];
  for (const path of paths)
    if (!(await isIn(path, sha)) && !(restoreTo && (await isIn(path, restoreTo.sha))))
      lost.push(path);
  if (lost.length === 0) return null;
  return (
    `the project's files: ${sha.slice(0, 7)} has no ${lost.join(', ')}; ` +
    'correct "paths" in plimsoll.yaml'
  );
}
