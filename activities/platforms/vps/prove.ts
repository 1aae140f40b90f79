import { setTimeout as sleep } from 'node:timers/promises';
import { failures } from '../../../domain/failures.ts';
import type { SeenProcess } from '../../../domain/activities.ts';
import type { HostState, VpsHost } from '../../../domain/plan.ts';
import { final } from '../../lib/fail.ts';
import type { Remote } from '../../ssh-remote.ts';
import { commands } from '../commands.ts';
import { execute } from './execute.ts';
import { noSuchService } from './no-such-service.ts';
import { readFacts, type HostFacts } from './facts.ts';
import { healthProblems, type Expectation, type Seen } from './health-problems.ts';
import { lastLines } from './last-lines.ts';
import { lookOutside, type OutsideDeps } from './outside.ts';
import { describeUnit } from './restart.ts';

export type ProveDeps = OutsideDeps & { pollMs: number; settleMs: number };
export type ProveInput = Expectation & {
  remote: Remote;
  host: VpsHost;
  signal: AbortSignal;
  /** The way back: the very tree, where it is known. */
  tree?: string | undefined;
};

/** Most services need a moment to listen, and few of them long: pauses double from this. */
const firstPauseMs = 50;

type Patience = { startUpMs: number; staysUp?: 'later' };
type Proven = HostState & { process: SeenProcess };

/**
 * Healthy within `startUpMs` inside and outside, and, unless that is left for later, a moment later
 * still the same process. Final: UnhealthyRelease.
 */
export async function prove(
  deps: ProveDeps,
  input: ProveInput,
  { startUpMs, staysUp }: Patience,
): Promise<Proven> {
  const end = deps.now() + startUpMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, deps.pollMs)) {
    const first = await see(deps, input);
    let problems = healthProblems(first, input);
    if (problems.length === 0) {
      if (staysUp === 'later') return proven(input, first.facts);
      const second = await seeAgain(deps, input, first.facts.unit);
      problems = second.problems;
      if (problems.length === 0) return proven(input, second.facts);
    }
    if (first.facts.unit.active === 'failed' || deps.now() >= end) {
      throw await unhealthy(input, startUpMs, problems, first.facts);
    }
    await sleep(pauseMs, undefined, { signal: input.signal });
  }
}

type Begun = { startUpMs: number; process: SeenProcess };

/** A moment later still that process and healthy, else proven anew. Final: UnhealthyRelease. */
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

async function seeAgain(deps: ProveDeps, input: ProveInput, process: SeenProcess) {
  await sleep(deps.settleMs, undefined, { signal: input.signal });
  const seen = await see(deps, input);
  const problems = [...died(process, seen.facts.unit), ...healthProblems(seen, input)];
  return { facts: seen.facts, problems };
}

const proven = ({ host }: ProveInput, facts: HostFacts): Proven => {
  const { mainPid, restarts } = facts.unit;
  return { ...hostState(host, facts, true), process: { mainPid, restarts } };
};

export async function see(deps: OutsideDeps, input: ProveInput): Promise<Seen> {
  const { remote, target, host, signal } = input;
  const [text, outside] = await Promise.all([
    execute(remote, commands.inspect(target, target.health)),
    lookOutside(deps, target, host, signal),
  ]);
  const facts = readFacts(text);
  if (!facts.unit.found && target.run !== 'compose') throw noSuchService(remote.name, target);
  return { facts, outside };
}

const died = (first: SeenProcess, second: SeenProcess) =>
  first.mainPid === second.mainPid && first.restarts === second.restarts
    ? []
    : ['it was healthy for a moment, then its process died and was started again'];

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
  { remote, target, sha, restored }: ProveInput,
  startUpMs: number,
  problems: string[],
  facts: HostFacts,
) {
  const what = restored ? 'the restored release' : 'release';
  return final(
    failures.unhealthyRelease,
    `${remote.name}: ${what} ${sha.slice(0, 12)} is not healthy ` +
      `(it had ${Math.round(startUpMs / 1000)} s):\n` +
      `${problems.map((problem) => `- ${problem}`).join('\n')}\n` +
      `${describeUnit(facts.unit, target)}.\n${await lastLines(remote, target)}`,
  );
}
