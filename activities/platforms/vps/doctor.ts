import { sshCommand } from '../../../domain/platforms/vps/address.ts';
import type { VpsHost, VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { UserError } from '../../../domain/lib/user-error.ts';
import { check } from '../../lib/finding.ts';
import type { Finding } from '../../lib/finding.ts';
import type { PlaceOn } from '../module.ts';
import { withSsh } from './ssh/ssh.ts';
import { resolveVps } from './target.ts';

type Reach = Pick<VpsTarget, 'identity'> & { host: VpsHost };

/**
 * Largest accepted difference, in milliseconds, between the clocks of the host and of this machine.
 * If the difference is larger, a fresh heartbeat of the host looks old to the worker.
 */
const mostSkewMs = 30_000;

/**
 * Checks each host once: it must show the pinned host key, accept our ssh key, run one command, and
 * have a correct clock. `now` returns epoch milliseconds.
 */
export function doctor(
  places: readonly PlaceOn<'vps'>[],
  now: () => number = Date.now,
): Promise<Finding>[] {
  const distinct = new Map<string, Reach>();
  for (const place of places) {
    const { hosts, identity } = resolveVps(place);
    for (const host of hosts)
      distinct.set(JSON.stringify([host.name, host.hostKey, identity]), { host, identity });
  }
  return [...distinct.values()].map((reach) =>
    check(`host ${reach.host.name}`, () => look(reach, now)),
  );
}

const look = ({ host, identity }: Reach, now: () => number) =>
  withSsh(host, { identity }, { signal: AbortSignal.timeout(25_000) }, async (remote) => {
    const before = now();
    const { stdout } = await remote.run('date +%s', [], { timeoutMs: 10_000 });
    const seconds = Number(stdout.trim() || Number.NaN);
    if (!Number.isFinite(seconds)) throw noClock(host);
    const skewMs = seconds * 1000 - (before + now()) / 2;
    if (Math.abs(skewMs) > mostSkewMs) throw skewed(host, skewMs);
    return 'reached with the pinned host key, and its clock is right within 30 s';
  });

const noClock = (host: VpsHost) =>
  new UserError(
    `${host.name} was reached, but did not report its time with "date +%s".\n` +
      `Run the command yourself: ${sshCommand(host, 'date +%s')}`,
  );

const skewed = (host: VpsHost, skewMs: number) =>
  new UserError(
    `The clock of ${host.name} is ${Math.round(Math.abs(skewMs) / 1000)} s ` +
      `${skewMs > 0 ? 'ahead of' : 'behind'} this machine's clock. ` +
      'At most 30 s are allowed. If the difference is larger, a fresh heartbeat looks old.\n' +
      'Run on the machine with the wrong clock: sudo timedatectl set-ntp true\n' +
      `Then compare the clocks: ${sshCommand(host, 'date')}`,
  );
