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
      const errors: string[] = [];
      const { target, release, restoreTo } = plan;
      const live = await readOr(errors, () => deps.inspectHosts({ target }), [] as HostState[]);
      const quarantine = await readOr(errors, () => quarantineOf(deps, plan), null);
      const wayBack = await Promise.all(target.hosts.map((host) => wayBackOn(deps, plan, host)));
      const push = await readOr(errors, () => cannotPush(deps.git, plan), null);
      if (push) errors.push(push);
      const facts: PlatformFacts = {
        hosts: target.hosts.map(({ name }) => name),
        live,
        release,
        restoreTo,
        wayBack,
        quarantine,
        sandbox: deps.config.sandbox,
        timeScale: plan.timing.scale,
        remoteEndpoints: [...deps.remoteEndpoints],
        sourceErrors: errors,
      };
      return reportOf('platform', judgePlatform(facts));
    });

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
