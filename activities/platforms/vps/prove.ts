import { setTimeout as sleep } from 'node:timers/promises';
import { failures } from '../../../domain/deploy/failures.ts';
import type { ProcessSnapshot } from '../../../domain/platforms/vps/activities.ts';
import type { HostState } from '../../../domain/deploy/plan.ts';
import type { VpsHost } from '../../../domain/platforms/vps/target.ts';
import { final } from '../../lib/fail.ts';
import { poll } from '../../lib/poll.ts';
import type { Remote } from './ssh/remote.ts';
import { commands } from './commands.ts';
import { execute } from './execute.ts';
import { noSuchService } from './no-such-service.ts';
import { readFacts, type HostFacts } from './facts.ts';
import { healthProblems, isInPlace, type Expectation, type Snapshot } from './health-problems.ts';
import { lastLines } from './log/last-lines.ts';
import { steadyNow } from '../../lib/clocks.ts';
import { readOutside } from './outside.ts';
import { describeUnit } from './restart.ts';

export type ProveDeps = { pollMs: number; settleMs: number };
export type ProveInput = Expectation & {
  remote: Remote;
  host: VpsHost;
  signal: AbortSignal;
  /** For a rollback: the name of the rollback target's tree, if the name is known. */
  tree?: string | undefined;
};

/**
 * The first pause between two reads, in milliseconds. The pause is short, because most services
 * start to listen quickly. Each later pause is twice as long as the pause before, up to `pollMs`.
 */
const firstPauseMs = 50;

type StartUpWait = { startUpMs: number; staysUp?: 'later' };
type Proven = HostState & { process: ProcessSnapshot };

/**
 * Waits up to `startUpMs` until the service is healthy, on the host and from outside. Then checks
 * that the same process still runs `settleMs` later. With `staysUp: 'later'`, this function skips
 * the second check, because `proveStaysUp` makes it. Throws a final failure of type
 * 'unhealthyRelease' if the service does not become healthy. If the service runs the rollback
 * target, the type is 'unhealthyRollback'.
 */
export async function prove(
  deps: ProveDeps,
  input: ProveInput,
  { startUpMs, staysUp }: StartUpWait,
): Promise<Proven> {
  let problems: string[] = [];
  let snapshot: Snapshot | undefined;
  const wait = (reads: number) => {
    const ms = Math.min(firstPauseMs * 2 ** (reads - 1), deps.pollMs);
    return sleep(ms, undefined, { signal: input.signal });
  };
  const failed = () => unhealthy(input, startUpMs, problems, snapshot);
  return await poll({ until: steadyNow() + startUpMs, pause: wait, late: failed }, async () => {
    const first = await see(input);
    snapshot = first;
    problems = healthProblems(first, input);
    if (problems.length === 0) {
      if (staysUp === 'later') return proven(input, first.facts);
      const second = await seeAgain(deps, input, first.facts.unit);
      problems = second.problems;
      if (problems.length === 0) return proven(input, second.facts);
    }
    if (first.facts.unit.active === 'failed') throw await failed();
    return undefined;
  });
}

type Begun = { startUpMs: number; process: ProcessSnapshot };

/**
 * Waits `settleMs` and checks that the same process is still healthy. If not, waits for a healthy
 * service again with `prove`. Throws a final failure of type 'unhealthyRelease' if the service does
 * not become healthy.
 */
export async function proveStaysUp(
  deps: ProveDeps,
  input: ProveInput,
  { startUpMs, process }: Begun,
): Promise<HostState> {
  const { facts, problems } = await seeAgain(deps, input, process);
  if (problems.length === 0) return hostState(input.host, facts, true);
  const { process: _, ...state } = await prove(deps, input, { startUpMs });
  return state;
}

async function seeAgain(deps: ProveDeps, input: ProveInput, process: ProcessSnapshot) {
  await sleep(deps.settleMs, undefined, { signal: input.signal });
  const snapshot = await see(input);
  const problems = [...died(process, snapshot.facts.unit), ...healthProblems(snapshot, input)];
  return { facts: snapshot.facts, problems };
}

const proven = ({ host }: ProveInput, facts: HostFacts): Proven => {
  const { mainPid, restarts } = facts.unit;
  return { ...hostState(host, facts, true), process: { mainPid, restarts } };
};

export async function see(input: ProveInput): Promise<Snapshot> {
  const { remote, target, host, signal } = input;
  const [text, outside] = await Promise.all([
    execute(remote, commands.inspect(target, target.health)),
    readOutside(target, host, signal),
  ]);
  const facts = readFacts(text);
  if (!facts.unit.found && target.run !== 'compose') throw noSuchService(remote.name, target);
  return { facts, outside };
}

const died = (first: ProcessSnapshot, second: ProcessSnapshot) =>
  first.mainPid === second.mainPid && first.restarts === second.restarts
    ? []
    : ['the service was healthy for a moment, then its process ended and was started again'];

export const hostState = (host: VpsHost, facts: HostFacts, healthy: boolean): HostState => ({
  host: host.name,
  sha: facts.current,
  runningSha: facts.running,
  invocationId: facts.unit.invocationId,
  active: facts.unit.active === 'active',
  healthy,
  ...(facts.tree === facts.current || facts.tree === null ? {} : { tree: facts.tree }),
});

async function unhealthy(
  input: ProveInput,
  startUpMs: number,
  problems: string[],
  snapshot: Snapshot | undefined,
) {
  const { remote, target, sha, rolledBack } = input;
  const facts = snapshot?.facts;
  const isLive = rolledBack && snapshot !== undefined && isInPlace(snapshot, input);
  const what = rolledBack ? 'the rollback target' : 'release';
  return final(
    isLive ? failures.unhealthyRollback : failures.unhealthyRelease,
    `${remote.name}: ${what} ${sha.slice(0, 12)} is not healthy ` +
      `(it had ${Math.round(startUpMs / 1000)} s):\n` +
      `${problems.map((problem) => `- ${problem}`).join('\n')}\n` +
      `${facts ? `${describeUnit(facts.unit, target)}.\n` : ''}${await lastLines(remote, target)}`,
  );
}
