import type { Activities } from '../../../domain/contract/activities.ts';
import type { HostStep } from '../../../domain/platforms/vps/activities.ts';
import type { HostState } from '../../../domain/deploy/plan.ts';
import type { VpsHost, VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import { withSsh } from './ssh/ssh.ts';
import type { WithSsh } from './ssh/ssh.ts';
import type { Remote } from './ssh/remote.ts';
import { commands } from './commands.ts';
import { execute } from './execute.ts';
import { readFacts, readPairs } from './facts.ts';
import { targetOn } from '../../../domain/platforms/vps/target-on.ts';
import { hostState, prove, proveStaysUp, type ProveDeps } from './prove.ts';
import { restart } from './restart.ts';
import { rollBack } from './roll-back.ts';
import { stage } from './stage.ts';
import { switchTo } from './switch.ts';
import { effect } from '../../lib/effect.ts';

export type VpsActivities = Pick<
  Activities,
  | 'stageRelease'
  | 'switchRelease'
  | 'restartService'
  | 'verifyHost'
  | 'verifyStaysUp'
  | 'rollBackHost'
  | 'pruneReleases'
> & {
  inspectHosts(asked: { target: VpsTarget }): ReturnType<Activities['inspectHosts']>;
};

/**
 * `over` connects to a host. `pollMs` is the longest pause between two reads
 * (default: 500 ms). `settleMs` is the pause before the second check of the process (default: 1 s).
 */
export type VpsDeps = Partial<ProveDeps & { over: WithSsh }>;

const keepNewest = 5;

/**
 * Makes the activities of a deploy on VPS hosts. Every effect has three steps. It checks what is
 * already done, acts at most once, and proves the result.
 */
export const createVps = ({ over = withSsh, ...given }: VpsDeps = {}): VpsActivities => {
  const deps: ProveDeps = { pollMs: 500, settleMs: 1000, ...given };
  const onHost = hostsOver(over);
  return {
    stageRelease: effect('stageRelease', (step) =>
      onHost(step, (remote) => stage(remote, here(step), forward(step))),
    ),
    switchRelease: effect('switchRelease', (step) =>
      onHost(step, (remote) => switchTo(remote, here(step), forward(step))),
    ),
    restartService: effect('restartService', (step) =>
      onHost(step, (remote, signal) => {
        const { before, startUpMs } = step;
        const to = forward(step);
        return restart(remote, { target: here(step), to, before, startUpMs }, signal);
      }),
    ),
    verifyHost: (step) =>
      onHost(step, (remote, signal) => prove(deps, expected(step, remote, signal, false), step)),
    verifyStaysUp: (step) =>
      onHost(step, (remote, signal) =>
        proveStaysUp(deps, expected(step, remote, signal, false), step),
      ),
    rollBackHost: effect('rollBackHost', (step) =>
      onHost(step, (remote, signal) =>
        rollBack(deps, expected(step, remote, signal, true), {
          startUpMs: step.startUpMs,
          epoch: step.epoch ?? null,
        }),
      ),
    ),
    inspectHosts: ({ target }) =>
      Promise.all(
        target.hosts.map((host) => onHost({ target, host }, inspect(here({ target, host }), host))),
      ),
    pruneReleases: effect('pruneReleases', (step) => onHost(step, (remote) => prune(remote, step))),
  };
};

type Where = Pick<HostStep, 'target' | 'host'>;
type Work<T> = (remote: Remote, signal: AbortSignal) => Promise<T>;

const forward = ({ release, epoch = null }: HostStep) => ({ sha: release.sha, epoch });

const here = ({ target, host }: Where) => targetOn(target, host);

const hostsOver =
  (over: WithSsh) =>
  <T>({ target, host }: Where, work: Work<T>) =>
    withHeartbeat((signal) => over(host, target, { signal }, (remote) => work(remote, signal)));

const expected = (step: HostStep, remote: Remote, signal: AbortSignal, rolledBack: boolean) => ({
  remote,
  signal,
  rolledBack,
  target: here(step),
  host: step.host,
  sha: step.release.sha,
  tree: step.tree,
});

/**
 * Reads the state of one host. `sha` and `runningSha` are null if Plimsoll never deployed to this
 * host.
 */
const inspect =
  (target: VpsTarget, host: VpsHost): Work<HostState> =>
  async (remote) => {
    const [seen, releases] = await Promise.all([
      execute(remote, commands.inspect(target, target.health)),
      execute(remote, commands.releases(target)),
    ]);
    const facts = readFacts(seen);
    const ready = readPairs(releases).get('release') ?? [];
    const state = hostState(host, facts, /^2\d\d$/.test(facts.health ?? ''));
    const { foreign, freeMb, canLock } = facts;
    const shas = [...new Set(ready.map((tree) => tree.slice(0, 40)))];
    return { ...state, ready: shas, freeMb, canLock, ...(foreign ? { foreign } : {}) };
  };

async function prune(remote: Remote, step: HostStep & { keep: string[] }) {
  const kept = [...new Set([...step.keep, step.release.sha])];
  const text = await execute(
    remote,
    commands.prune(here(step), { keep: kept, keepNewest, epoch: step.epoch ?? null }),
  );
  const pairs = readPairs(text);
  const removed = pairs.get('removed') ?? [];
  const unread = removed.length > 0 && pairs.has('unread');
  return { removed, ...(unread ? { unread } : {}) };
}
