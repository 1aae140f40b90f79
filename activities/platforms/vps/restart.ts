import { setTimeout as sleep } from 'node:timers/promises';
import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { usualStartUpMs } from '../../../domain/deploy/timing.ts';
import { final, unknown } from '../../lib/fail.ts';
import type { Remote } from './ssh/remote.ts';
import type { RemoteResult } from './ssh/remote.ts';
import { commands, type Aim } from './commands.ts';
import { execute } from './execute.ts';
import { readFacts, readPairs, readUnit, type UnitFacts } from './facts.ts';
import { lastLines } from './log/last-lines.ts';
import { logTail } from '../../lib/log-tail.ts';
import { composeFailed, imageNotTagged, noSuchService } from './no-such-service.ts';
import { runnerWords } from './runner-words.ts';
import { exits } from './scripts.ts';
import { noSuchRelease } from './switch.ts';
import { tampered } from './tampered.ts';
import { steadyNow } from '../../lib/clocks.ts';

export type RestartInput = {
  target: VpsTarget;
  to: Aim;
  before: string | null;
  startUpMs?: number | undefined;
};
/**
 * `stopped` lists processes that an earlier start had left behind. This step stopped these
 * processes.
 */
export type Restarted = {
  restarted: 'done' | 'already';
  invocationId: string;
  stopped?: string[];
};

const crashLoopMs = 5000;
const pollMs = 200;

/**
 * Restarts the service once. A new identity of the process proves the restart. The identity is
 * InvocationID for a unit, and StartedAt for a container. If an earlier attempt already restarted
 * the service, this attempt does not restart it again.
 */
export async function restart(
  remote: Remote,
  { target, to, before, startUpMs = usualStartUpMs }: RestartInput,
  signal: AbortSignal,
): Promise<Restarted> {
  const text = await execute(
    remote,
    commands.restart(target, { to, before, startUpMs }),
    (result) => explain(remote.name, target, to.sha, result),
  );
  const pairs = readPairs(text);
  const restarted = pairs.get('restarted')?.at(-1) === 'already' ? 'already' : 'done';
  const failed = upFailed(remote.name, target, pairs);
  if (failed) throw failed;
  if (!readUnit(pairs).found) throw noSuchService(remote.name, target);
  const unit = await settled(remote, { target, startUpMs, first: readUnit(pairs) }, signal);
  if (unit.active !== 'active') throw await didNotComeUp(remote, target, to.sha, unit);
  if (unit.invocationId === null || unit.invocationId === before) {
    throw notProven(remote.name, target, pairs.get('exit')?.at(-1) ?? '0');
  }
  const stopped = pairs.get('stopped') ?? [];
  const named = stopped.length > 0 ? { stopped } : {};
  return { restarted, invocationId: unit.invocationId, ...named };
}

function explain(name: string, target: VpsTarget, sha: string, result: RemoteResult) {
  if (result.code === exits.noSuchRelease) return noSuchRelease(name, target, sha, []);
  if (result.code === exits.imageNotTagged) return imageNotTagged(name, target, result.stdout);
  if (result.code === exits.composeFailed) return composeFailed(name, target, sha, result.stdout);
  return tampered(name, target, sha, result);
}

/**
 * Makes the failure if `docker compose up` failed. Returns undefined if the command succeeded, or
 * if compose does not run the service. If the build failed, the old container still runs.
 */
function upFailed(name: string, target: VpsTarget, pairs: Map<string, string[]>) {
  const exit = pairs.get('exit')?.at(-1) ?? '0';
  if (target.run !== 'compose' || exit === '0') return undefined;
  const log = logTail((pairs.get('log') ?? []).join('\n')).join('\n');
  return final(
    failures.unhealthyRelease,
    `${name}: docker compose up of ${target.service} ended with exit code ${exit}. ` +
      `Its last lines:\n${log}`,
  );
}

/**
 * True if the unit neither runs nor starts. A unit with Type=notify or ExecStartPre can need some
 * time to start. During this time, the result is false.
 */
export const isDown = ({ active, sub }: UnitFacts) =>
  active !== 'active' && (active !== 'activating' || sub.startsWith('auto-restart'));

type Starting = { target: VpsTarget; startUpMs: number; first: UnitFacts };

/**
 * Waits while the unit is starting. systemd also says `activating` in the pause between two
 * crashes. After 5 s of such pauses, the unit counts as down.
 */
async function settled(
  remote: Remote,
  { target, startUpMs, first }: Starting,
  signal: AbortSignal,
) {
  let unit = first;
  const began = steadyNow();
  const mayWait = () => steadyNow() < began + (isDown(unit) ? crashLoopMs : startUpMs);
  while (unit.active === 'activating' && mayWait()) {
    await sleep(pollMs, undefined, { signal });
    unit = readFacts(await execute(remote, commands.inspect(target, null))).unit;
  }
  return unit;
}

async function didNotComeUp(remote: Remote, target: VpsTarget, sha: string, unit: UnitFacts) {
  return final(
    failures.unhealthyRelease,
    `${remote.name}: ${target.service} did not come up with release ${sha.slice(0, 12)}: ` +
      `${describeUnit(unit, target)}.\n${await lastLines(remote, target)}`,
  );
}

function notProven(name: string, target: VpsTarget, exit: string) {
  const words = runnerWords(target);
  return unknown(
    `${name}: ${words.restart} ended with exit code ${exit}, but ${words.proof} did not ` +
      `change, so the service was not restarted. Check on the host: ${words.status}`,
  );
}

export const describeUnit = (unit: UnitFacts, target: VpsTarget) =>
  `${runnerWords(target).what} is ${unit.active || 'unknown'} (${unit.sub || 'unknown'}), ` +
  `result ${unit.result || 'unknown'}, ` +
  `exit status ${unit.exitStatus || 'unknown'}, ${unit.restarts} restarts by itself`;
