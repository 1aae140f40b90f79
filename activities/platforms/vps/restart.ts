import { setTimeout as sleep } from 'node:timers/promises';
import type { VpsTarget } from '../../../domain/plan.ts';
import { failures } from '../../../domain/failures.ts';
import { final, unknown } from '../../lib/fail.ts';
import type { Remote } from '../../ssh-remote.ts';
import { commands } from '../commands.ts';
import { execute, noSuchUnit, sudoRefused } from './execute.ts';
import { readFacts, readPairs, readUnit, type UnitFacts } from './facts.ts';
import { lastLines } from './last-lines.ts';

export type RestartInput = { target: VpsTarget; sha: string; before: string | null };
export type Restarted = { restarted: 'done' | 'already'; invocationId: string };

const comeUpMs = 5000;
const pollMs = 200;

/**
 * Restarts once and proves it: another InvocationID than before. A restart that already happened
 * is adopted.
 */
export async function restart(
  remote: Remote,
  { target, sha, before }: RestartInput,
  signal: AbortSignal,
): Promise<Restarted> {
  const text = await execute(remote, commands.restart(target, sha, before), ({ stderr }) =>
    /password is required/.test(stderr) ? sudoRefused(remote.name, target.service) : undefined,
  );
  const pairs = readPairs(text);
  const restarted = pairs.get('restarted')?.at(-1) === 'already' ? 'already' : 'done';
  if (!readUnit(pairs).found) throw noSuchUnit(remote.name, target.service);
  const unit = await settled(remote, target, readUnit(pairs), signal);
  if (down(unit)) throw await didNotComeUp(remote, target, sha, unit);
  if (unit.invocationId === null || unit.invocationId === before) {
    throw notProven(remote.name, target.service, pairs.get('exit')?.at(-1) ?? '0');
  }
  return { restarted, invocationId: unit.invocationId };
}

const down = ({ active, sub }: UnitFacts) => active !== 'active' || sub === 'auto-restart';

/** `activating` is on its way, also between two crashes: it gets 5 s, then it is down. */
async function settled(remote: Remote, target: VpsTarget, first: UnitFacts, signal: AbortSignal) {
  let unit = first;
  for (const end = Date.now() + comeUpMs; unit.active === 'activating' && Date.now() < end;) {
    await sleep(pollMs, undefined, { signal });
    unit = readFacts(await execute(remote, commands.inspect(target, null))).unit;
  }
  return unit;
}

async function didNotComeUp(remote: Remote, target: VpsTarget, sha: string, unit: UnitFacts) {
  return final(
    failures.unhealthyRelease,
    `${remote.name}: ${target.service} did not come up with release ${sha.slice(0, 12)}: ` +
      `${describeUnit(unit)}.\n${await lastLines(remote, target)}`,
  );
}

const notProven = (name: string, service: string, exit: string) =>
  unknown(
    `${name}: systemctl restart ${service} ended with ${exit}, ` +
      'but its InvocationID is the old one, so nothing was restarted. Look on the host: systemctl status ' +
      service,
  );

export const describeUnit = (unit: UnitFacts) =>
  `the unit is ${unit.active || 'unknown'} (${unit.sub || 'unknown'}), ` +
  `result ${unit.result || 'unknown'}, ` +
  `exit status ${unit.exitStatus || 'unknown'}, ${unit.restarts} restarts by itself`;
