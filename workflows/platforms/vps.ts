import type { HostStep } from '../../domain/activities.ts';
import type { Plan, VpsHost } from '../../domain/plan.ts';
import { refOf } from '../../domain/plan.ts';
import { releasing, restoring, telling } from '../proxies.ts';
import type { Rollout } from '../rollout.ts';
import type { UndoStack } from '../undo.ts';

/** Stage everywhere first; then host after host: switch, restart, verify. */
export async function release(rollout: Rollout, undo: UndoStack, plan: Plan): Promise<void> {
  const { hosts } = plan.target;
  const patience = plan.timing.stuckGiveUpMs;
  const step = <T>(name: string, act: () => Promise<T>) => rollout.attempt(name, act, patience);
  for (const host of hosts) {
    await step(`stage on ${host.name}`, () => releasing.stageRelease(on(host, plan)));
  }
  for (const host of hosts) {
    undo.push(`restore ${host.name}`, () => restoring.restoreHost(back(host, plan)));
    const { before } = await step(`switch ${host.name}`, () =>
      releasing.switchRelease(on(host, plan)),
    );
    await step(`restart ${host.name}`, () =>
      releasing.restartService({ ...on(host, plan), before }),
    );
    await step(`verify ${host.name}`, () =>
      releasing.verifyHost({ ...on(host, plan), ...startUp(plan) }),
    );
  }
}

/** Every host is looked at again, after all of them were restored. */
export async function proveRestored(rollout: Rollout, plan: Plan): Promise<void> {
  const expected = plan.restoreTo?.sha;
  await rollout.insist(
    'prove the restore',
    async () => {
      const states = await restoring.inspectHosts({ target: plan.target });
      const wrong = states.filter((state) => state.sha !== expected || !state.healthy);
      if (wrong.length > 0)
        throw new Error(`not restored: ${wrong.map((state) => state.host).join(', ')}`);
      rollout.restored(states);
    },
    plan.timing.restoreGiveUpMs,
  );
}

export async function tidy(plan: Plan): Promise<void> {
  const kept = [plan.restoreTo?.sha, plan.lastProven?.sha];
  const keep = kept.filter((sha) => sha !== undefined);
  for (const host of plan.target.hosts) await telling.pruneReleases({ ...on(host, plan), keep });
}

const on = (host: VpsHost, plan: Plan): HostStep => ({
  deploy: refOf(plan),
  target: plan.target,
  host,
  release: plan.release,
});

const startUp = (plan: Plan) => ({ startUpMs: plan.timing.startUpMs });

function back(host: VpsHost, plan: Plan) {
  return { ...on(host, plan), release: plan.restoreTo ?? plan.release, ...startUp(plan) };
}
