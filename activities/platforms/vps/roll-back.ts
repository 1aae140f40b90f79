import type { HostState } from '../../../domain/deploy/plan.ts';
import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';
import type { Remote } from './ssh/remote.ts';
import { commands, type Epoch } from './commands.ts';
import { execute, otherStepRuns } from './execute.ts';
import { readPairs } from './facts.ts';
import { healthProblems, type Snapshot } from './health-problems.ts';
import { hostState, prove, see, type ProveDeps, type ProveInput } from './prove.ts';
import { isDown, restart } from './restart.ts';
import { noSuchRelease, switchTo } from './switch.ts';

type RolledBack = HostState & { stopped?: string[] };

type How = { startUpMs: number; epoch: Epoch };

/**
 * Makes `sha` live, whichever release is live before. Fetches nothing from git. If `sha` is already
 * live and healthy, changes nothing. If the service has just been started with `sha`, does not
 * restart it again, but waits until it is healthy. First raises the epoch of the host. So no
 * earlier step of the deploy changes the host after the rollback has read its state.
 */
export async function rollBack(
  deps: ProveDeps,
  input: ProveInput,
  { startUpMs, epoch }: How,
): Promise<RolledBack> {
  const { remote, target, sha, host, signal } = input;
  let stopped: string[] | undefined;
  const mustBeFree = await raise(remote, target, epoch);
  const snapshot = await see(input);
  const thatTree = input.tree === undefined || snapshot.facts.tree === input.tree;
  if (thatTree && healthProblems(snapshot, input).length === 0) {
    mustBeFree();
    return hostState(host, snapshot.facts, true);
  }
  if (!thatTree || !startingUp(snapshot, sha, startUpMs)) {
    if (!target.checkout) await mustBeThere(input);
    const to = { sha, want: input.tree ?? null, epoch };
    const { before } = await switchTo(remote, target, to);
    ({ stopped } = await restart(remote, { target, to, before, startUpMs }, signal));
  } else mustBeFree();
  const { process: _, ...state } = await prove(deps, input, { startUpMs });
  return stopped ? { ...state, stopped } : state;
}

/**
 * Raises the epoch. At this time, another step may hold the lock. Such a step may have passed the
 * fence, and may still change the host. In this case, the returned function throws a transient
 * failure.
 */
async function raise(remote: Remote, target: VpsTarget, epoch: Epoch): Promise<() => void> {
  if (epoch === null) return () => {};
  const pairs = readPairs(await execute(remote, commands.fence(target, epoch)));
  return () => {
    if (pairs.has('busy')) throw otherStepRuns(remote.name, '');
  };
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
