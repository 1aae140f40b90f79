import { createHash } from 'node:crypto';
import { mostPackedBytes, pack } from '../../activities/lib/memo.ts';
import { planTarget, releaseOf } from '../../activities/plan/target.ts';
import { sitesOf } from '../../domain/platforms/sites.ts';
import { rollbackStepsOf, stepsOf } from '../../domain/platforms/words.ts';
import { timing } from '../../domain/deploy/timing.ts';
import type { HostState, Target } from '../../domain/deploy/plan.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Problem } from './explain.ts';

/**
 * The largest number of hosts. With more hosts, the history of one deploy would be too large for
 * the Temporal server.
 */
const mostHosts = 100;
/**
 * The size in bytes of the parts of a plan that do not depend on the hosts. These parts are rule,
 * watch, power, history and budget.
 */
const otherBytes = 3 * 1024;

/**
 * Checks that the plan of each environment fits into a memo. Without this check, a deploy to too many
 * hosts would fail only when it is planned.
 */
export const hostRules = (config: Config): Problem[] =>
  Object.entries(config.projects).flatMap(([project, settings]) =>
    Object.entries(settings.environments).flatMap(([name, environment]) => {
      const target = planTarget({ project: settings, environment });
      const { length } = sitesOf(target);
      const path = ['projects', project, 'environments', name, 'hosts'];
      if (length > mostHosts) return [{ path, what: tooMany(length) }];
      const most = mostPackedBytes - otherBytes;
      return length > 10 && bytesOf(target) > most ? [{ path, what: tooLong(length) }] : [];
    }),
  );

/**
 * Returns the size in bytes of the parts of a plan that depend on the hosts. The size is that of a
 * usual release.
 */
function bytesOf(target: Target): number {
  const sha = hexOf('sha', 40);
  const rollbackTarget = releaseOf(hexOf('live', 40), target);
  const live = sitesOf(target).map(stateOf);
  const steps = stepsOf({ sha, target, timing: timing() });
  const rollbackSteps = rollbackStepsOf({ target, rollbackTarget, notes: [] });
  return pack({ target, live, steps, rollbackSteps }).length;
}

/**
 * Returns the usual state of a host. Compression does not make the invocation ids smaller, because
 * each host has a different one.
 */
const stateOf = ({ name }: { name: string }): HostState => ({
  ...{ host: name, sha: hexOf('live', 40), runningSha: hexOf('live', 40) },
  ...{ invocationId: hexOf(name, 32), active: true, healthy: true },
});

const hexOf = (text: string, digits: number) =>
  createHash('sha256').update(text).digest('hex').slice(0, digits);

const split =
  'Make two environments, each with a part of the hosts, or give the hosts shorter names.';

const tooMany = (length: number) =>
  `${length} hosts are too many for one environment: one deploy takes at most ${mostHosts}.\n${split}`;

const tooLong = (length: number) =>
  `The plan of ${length} hosts with these names and addresses does not fit into the memo of a deploy.\n${split}`;
