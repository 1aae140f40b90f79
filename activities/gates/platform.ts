import { targetOn } from '../../domain/policy/target-on.ts';
import type { Activities } from '../../domain/activities.ts';
import type { GateReport, HostState, Plan, VpsHost } from '../../domain/plan.ts';
import { judgePlatform } from '../../domain/policy/gates.ts';
import type { PlatformFacts } from '../../domain/policy/gates.ts';
import type { Config } from '../../domain/schema.ts';
import type { Git } from '../git.ts';
import { cancellation, pulse } from '../git/pulse.ts';
import { shown } from '../git/refuse.ts';
import type { Ledger } from '../ledger.ts';
import { commands } from '../platforms/commands.ts';
import type { OpenHost } from '../watch/on-host.ts';
import { quarantineOf } from './quarantine.ts';
import { readOr, reportOf } from './report.ts';

export type PlatformDeps = {
  config: Pick<Config, 'sandbox'>;
  git: Git;
  ledger: Pick<Ledger, 'quarantines'>;
  inspectHosts: Activities['inspectHosts'];
  openHost: OpenHost;
  /** Addresses of the configuration that are not on this machine. */
  remoteEndpoints: readonly string[];
};

/** Hosts, way back, quarantine, and whether a revert of the branch could be pushed. */
export const createPlatformGate =
  (deps: PlatformDeps) =>
  async ({ plan }: { plan: Plan }): Promise<GateReport> =>
    pulse(async () => {
      const { target, release, restoreTo } = plan;
      const unread: string[][] = [[], [], [], []];
      const [live, quarantine, push, lost, wayBack] = await Promise.all([
        readOr(unread[0]!, () => deps.inspectHosts({ target }), [] as HostState[]),
        readOr(unread[1]!, () => quarantineOf(deps, plan), null),
        readOr(unread[2]!, () => cannotPush(deps.git, plan), null),
        readOr(unread[3]!, () => lostPaths(deps.git, plan), null),
        Promise.all(target.hosts.map((host) => wayBackOn(deps, plan, host))),
      ]);
      const errors = [...unread.flat(), ...[push, lost].filter((why) => why !== null)];
      const facts: PlatformFacts = {
        hosts: target.hosts.map(({ name }) => name),
        live,
        release,
        restoreTo,
        wayBack,
        quarantine,
        ...roomFor(live, target.minimumFreeMb),
        sandbox: deps.config.sandbox,
        timeScale: plan.timing.scale,
        remoteEndpoints: [...deps.remoteEndpoints],
        sourceErrors: errors,
      };
      return reportOf('platform', judgePlatform(facts));
    });

const leastFreeMb = 500;

/** A host whose state does not say it was not asked. */
function roomFor(live: HostState[], minimumFreeMb = leastFreeMb) {
  const disk = live.flatMap(({ host, freeMb }) =>
    freeMb === undefined
      ? []
      : [
          {
            host,
            freeBytes: freeMb === null ? null : freeMb * 1e6,
            neededBytes: minimumFreeMb * 1e6,
          },
        ],
  );
  return {
    disk,
    withoutLock: live.filter(({ canLock }) => canLock === false).map(({ host }) => host),
  };
}

async function wayBackOn({ openHost }: PlatformDeps, plan: Plan, host: VpsHost) {
  const { target, restoreTo } = plan;
  if (!restoreTo) return { host: host.name, present: null };
  const session = await openHost(target, host, cancellation());
  try {
    const { code, stdout } = await session.run(commands.releases(targetOn(target, host)));
    const there = stdout.split('\n').includes(`release=${restoreTo.sha}`);
    return { host: host.name, present: code === 0 ? there : null };
  } finally {
    session.close();
  }
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
