import { setTimeout as sleep } from 'node:timers/promises';
import { failures } from '../../../domain/failures.ts';
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

/**
 * Healthy within `startUpMs` inside and outside, and a moment later still the same process.
 * Final: UnhealthyRelease.
 */
export async function prove(
  deps: ProveDeps,
  input: ProveInput,
  startUpMs: number,
): Promise<HostState> {
  const end = deps.now() + startUpMs;
  for (;;) {
    const first = await see(deps, input);
    let problems = healthProblems(first, input);
    if (problems.length === 0) {
      await sleep(deps.settleMs, undefined, { signal: input.signal });
      const second = await see(deps, input);
      problems = [...died(first.facts, second.facts), ...healthProblems(second, input)];
      if (problems.length === 0) return hostState(input.host, second.facts, true);
    }
    if (first.facts.unit.active === 'failed' || deps.now() >= end) {
      throw await unhealthy(input, startUpMs, problems, first.facts);
    }
    await sleep(deps.pollMs, undefined, { signal: input.signal });
  }
}

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

const died = (first: HostFacts, second: HostFacts) =>
  first.unit.mainPid === second.unit.mainPid && first.unit.restarts === second.unit.restarts
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
