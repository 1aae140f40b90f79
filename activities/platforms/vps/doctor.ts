import { sshCommand } from '../../../domain/platforms/vps/address.ts';
import type { VpsHost, VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { UserError } from '../../../domain/lib/user-error.ts';
import { check } from '../../lib/finding.ts';
import type { Finding } from '../../lib/finding.ts';
import type { PlaceOn } from '../module.ts';
import { logWords } from '../../../domain/messages/parts/log-words.ts';
import { unreadOf } from '../baseline-of.ts';
import type { ReadCommand } from './commands.ts';
import { readLog } from './log/host-log.ts';
import type { Remote } from './ssh/remote.ts';
import { withSsh } from './ssh/ssh.ts';
import { resolveVps } from './target.ts';

type Reach = Pick<VpsTarget, 'identity'> & { host: VpsHost; services: VpsTarget[] };

/**
 * Largest accepted difference, in milliseconds, between the clocks of the host and of this machine.
 * With a larger difference, the times in logs do not fit together.
 */
const mostSkewMs = 30_000;

/**
 * Checks each host once. The host must show the pinned host key, accept the worker's ssh key, run a
 * command, and have a correct clock. The result also names the logs that the watch cannot read.
 * `now` returns epoch milliseconds.
 */
export function doctor(
  places: readonly PlaceOn<'vps'>[],
  now: () => number = Date.now,
): Promise<Finding>[] {
  const distinct = new Map<string, Reach>();
  for (const place of places) {
    const target = resolveVps(place);
    const { identity } = target;
    for (const host of target.hosts) {
      const key = JSON.stringify([host.name, host.hostKey, identity]);
      const services = [...(distinct.get(key)?.services ?? []), target];
      distinct.set(key, { host, identity, services });
    }
  }
  return [...distinct.values()].map((reach) =>
    check(`host ${reach.host.name}`, () => examine(reach, now)),
  );
}

const examine = ({ host, identity, services }: Reach, now: () => number) =>
  withSsh(host, { identity }, { signal: AbortSignal.timeout(25_000) }, async (remote) => {
    const before = now();
    const { stdout } = await remote.run('date +%s', [], { timeoutMs: 10_000 });
    const seconds = Number(stdout.trim() || Number.NaN);
    if (!Number.isFinite(seconds)) throw noClock(host);
    const skewMs = seconds * 1000 - (before + now()) / 2;
    if (Math.abs(skewMs) > mostSkewMs) throw skewed(host, skewMs);
    const logs = await logsOf(remote, services);
    return ['reached with the pinned host key, and its clock is right within 30 s', ...logs].join(
      '; ',
    );
  });

/** Returns a sentence for each service whose log of the last hour cannot be read completely. */
async function logsOf(remote: Remote, services: readonly VpsTarget[]): Promise<string[]> {
  const session = {
    close: () => undefined,
    run: ({ script, args, step, timeoutMs }: ReadCommand) =>
      remote.run(script, args, { step, timeoutMs }),
  };
  const distinct = new Map(services.map((target) => [logName(target), target]));
  const found = await Promise.all(
    [...distinct].map(async ([name, target]) => {
      const question = { target, from: { ago: 3600 }, bucketSeconds: 1e9, pattern: null };
      const counts = await readLog(session, { ...question, timeoutMs: 8000 }).catch(() => null);
      return logWords(name, counts && { unread: unreadOf(counts.buckets) });
    }),
  );
  return found.filter((words) => words !== null);
}

const logName = ({ service, compose }: VpsTarget) =>
  compose ? `${compose.project}/${service}` : service;

const noClock = (host: VpsHost) =>
  new UserError(
    `${host.name} was reached, but did not report its time with "date +%s".\n` +
      `Run the command yourself: ${sshCommand(host, 'date +%s')}`,
  );

const skewed = (host: VpsHost, skewMs: number) =>
  new UserError(
    `The clock of ${host.name} is ${Math.round(Math.abs(skewMs) / 1000)} s ` +
      `${skewMs > 0 ? 'ahead of' : 'behind'} this machine's clock. ` +
      'At most 30 s are allowed. If the difference is larger, the times in logs do not fit together.\n' +
      'Run on the machine with the wrong clock: sudo timedatectl set-ntp true\n' +
      `Then compare the clocks: ${sshCommand(host, 'date')}`,
  );
