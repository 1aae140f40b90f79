import { freezeVps } from '../../activities/plan/targets/vps.ts';
import { withSsh } from '../../activities/ssh.ts';
import type { VpsHost, VpsTarget } from '../../domain/plan.ts';
import type { Config } from '../../domain/schema.ts';
import { UserError } from '../../domain/user-error.ts';
import { check } from './finding.ts';
import type { Finding } from './finding.ts';

type Reach = Pick<VpsTarget, 'identity'> & { host: VpsHost };

/** More than this, and what is fresh on a host looks old here. */
const mostSkewMs = 30_000;

/** Each host once: the pinned key, our key, a command, its clock. `now` in milliseconds. */
export const hosts = (config: Config, now: () => number = Date.now): Promise<Finding>[] => {
  const distinct = new Map<string, Reach>();
  for (const reach of everyHost(config))
    distinct.set(JSON.stringify([reach.host.name, reach.host.hostKey, reach.identity]), reach);
  return [...distinct.values()].map((reach) =>
    check(`host ${reach.host.name}`, () => look(reach, now)),
  );
};

const everyHost = (config: Config): Reach[] =>
  Object.values(config.projects).flatMap((project) =>
    Object.values(project.environments).flatMap((environment) => {
      if (environment.platform !== 'vps') return [];
      const target = freezeVps({ project, environment });
      return target.hosts.map((host) => ({ host, identity: target.identity }));
    }),
  );

const look = ({ host, identity }: Reach, now: () => number) =>
  withSsh(host, { identity }, { signal: AbortSignal.timeout(25_000) }, async (remote) => {
    const before = now();
    const { stdout } = await remote.run('date +%s', [], { timeoutMs: 10_000 });
    const seconds = Number(stdout.trim() || Number.NaN);
    if (!Number.isFinite(seconds)) throw noClock(host);
    const skewMs = seconds * 1000 - (before + now()) / 2;
    if (Math.abs(skewMs) > mostSkewMs) throw skewed(host, skewMs);
    return 'reached with the pinned host key, clock within 30 s';
  });

const noClock = ({ name, user, host, port }: VpsHost) =>
  new UserError(
    `${name} was reached, but did not tell its time with "date +%s".\n` +
      `See what it answers: ssh -p ${port} ${user}@${host} date +%s`,
  );

const skewed = ({ name, user, host, port }: VpsHost, skewMs: number) =>
  new UserError(
    `The clock of ${name} is ${Math.round(Math.abs(skewMs) / 1000)} s ` +
      `${skewMs > 0 ? 'ahead of' : 'behind'} this machine's; at most 30 s are allowed, ` +
      'else the watch reads the wrong minutes of its logs.\n' +
      `On whichever is wrong: sudo timedatectl set-ntp true, then: ssh -p ${port} ${user}@${host} date`,
  );
