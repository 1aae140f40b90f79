import type { Activities, HostStep } from '../../domain/activities.ts';
import type { HostState, VpsHost, VpsTarget } from '../../domain/plan.ts';
import { withHeartbeat } from '../lib/heartbeat.ts';
import { withSsh } from '../ssh.ts';
import type { WithSsh } from '../ssh.ts';
import type { Remote } from '../ssh-remote.ts';
import { commands } from './commands.ts';
import { execute } from './vps/execute.ts';
import { readFacts, readPairs } from './vps/facts.ts';
import { targetOn } from '../../domain/policy/target-on.ts';
import { hostState, prove, proveStaysUp, type ProveDeps } from './vps/prove.ts';
import { restart } from './vps/restart.ts';
import { restore } from './vps/restore.ts';
import { stage } from './vps/stage.ts';
import { switchTo } from './vps/switch.ts';

export type VpsActivities = Pick<
  Activities,
  | 'stageRelease'
  | 'switchRelease'
  | 'restartService'
  | 'verifyHost'
  | 'verifyStaysUp'
  | 'restoreHost'
  | 'pruneReleases'
> & {
  inspectHosts(asked: { target: VpsTarget }): ReturnType<Activities['inspectHosts']>;
};

/**
 * All optional: `over`, what carries the commands; `fetch` and `now` for tests; the longest
 * pause between looks (500 ms), and before "still the same process" (1 s).
 */
export type VpsDeps = Partial<ProveDeps & { over: WithSsh }>;

const keepNewest = 5;

/** The VPS verbs: every effect looks first, acts once, proves. */
export const createVps = ({ over = withSsh, ...given }: VpsDeps = {}): VpsActivities => {
  const deps: ProveDeps = { fetch, now: Date.now, pollMs: 500, settleMs: 1000, ...given };
  const onHost = hostsOver(over);
  return {
    stageRelease: (step) => onHost(step, (remote) => stage(remote, here(step), step.release.sha)),
    switchRelease: (step) =>
      onHost(step, (remote) => switchTo(remote, here(step), { sha: step.release.sha })),
    restartService: (step) =>
      onHost(step, (remote, signal) => {
        const { release, before } = step;
        return restart(remote, { target: here(step), to: { sha: release.sha }, before }, signal);
      }),
    verifyHost: (step) =>
      onHost(step, (remote, signal) => prove(deps, expected(step, remote, signal, false), step)),
    verifyStaysUp: (step) =>
      onHost(step, (remote, signal) =>
        proveStaysUp(deps, expected(step, remote, signal, false), step),
      ),
    restoreHost: (step) =>
      onHost(step, (remote, signal) =>
        restore(deps, expected(step, remote, signal, true), step.startUpMs),
      ),
    inspectHosts: ({ target }) =>
      Promise.all(
        target.hosts.map((host) => onHost({ target, host }, inspect(here({ target, host }), host))),
      ),
    pruneReleases: (step) => onHost(step, (remote) => prune(remote, step)),
  };
};

type Where = Pick<HostStep, 'target' | 'host'>;
type Work<T> = (remote: Remote, signal: AbortSignal) => Promise<T>;

const here = ({ target, host }: Where) => targetOn(target, host);

const hostsOver =
  (over: WithSsh) =>
  <T>({ target, host }: Where, work: Work<T>) =>
    withHeartbeat((signal) => over(host, target, { signal }, (remote) => work(remote, signal)));

const expected = (step: HostStep, remote: Remote, signal: AbortSignal, restored: boolean) => ({
  remote,
  signal,
  restored,
  target: here(step),
  host: step.host,
  sha: step.release.sha,
  tree: step.tree,
});

/** A host that nothing was ever deployed to is all nulls. */
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
  const text = await execute(remote, commands.prune(here(step), kept, keepNewest));
  return { removed: readPairs(text).get('removed') ?? [] };
}
