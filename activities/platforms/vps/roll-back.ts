import type { HostState } from '../../../domain/deploy/plan.ts';
import { commands } from './commands.ts';
import { execute } from './execute.ts';
import { readPairs } from './facts.ts';
import { healthProblems, type Snapshot } from './health-problems.ts';
import { hostState, prove, see, type ProveDeps, type ProveInput } from './prove.ts';
import { isDown, restart } from './restart.ts';
import { noSuchRelease, switchTo } from './switch.ts';

type RolledBack = HostState & { stopped?: string[] };

/**
 * Makes `sha` live, whichever release is live before. Fetches nothing from git. If `sha` is already
 * live and healthy, changes nothing. If the service has just been started with `sha`, does not
 * restart it again, but waits until it is healthy.
 */
export async function rollBack(
  deps: ProveDeps,
  input: ProveInput,
  startUpMs: number,
): Promise<RolledBack> {
  const { remote, target, sha, host, signal } = input;
  let stopped: string[] | undefined;
  const snapshot = await see(deps, input);
  const thatTree = input.tree === undefined || snapshot.facts.tree === input.tree;
  if (thatTree && healthProblems(snapshot, input).length === 0)
    return hostState(host, snapshot.facts, true);
  if (!thatTree || !startingUp(snapshot, sha, startUpMs)) {
    if (!target.checkout) await mustBeThere(input);
    const to = { sha, want: input.tree ?? null };
    const { before } = await switchTo(remote, target, to);
    ({ stopped } = await restart(remote, { target, to, before, startUpMs }, signal));
  }
  const { process: _, ...state } = await prove(deps, input, { startUpMs });
  return stopped ? { ...state, stopped } : state;
}

const startingUp = ({ facts }: Snapshot, sha: string, startUpMs: number) =>
  facts.current === sha &&
  facts.running === sha &&
  !isDown(facts.unit) &&
  facts.ageSeconds !== null &&
  facts.ageSeconds * 1000 < startUpMs;

async function mustBeThere({ remote, target, sha }: ProveInput) {
  const text = await execute(remote, commands.releases(target));
  const have = (readPairs(text).get('release') ?? []).map((tree) => tree.slice(0, 40));
  if (!have.includes(sha)) throw noSuchRelease(remote.name, target, sha, have);
}
