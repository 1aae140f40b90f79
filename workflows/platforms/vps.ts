import type { Activities, Adoption, HostStep } from '../../domain/activities.ts';
import type { PlanOn, VpsHost, VpsTarget } from '../../domain/plan.ts';
import { refOf } from '../../domain/plan.ts';
import { proving, releasing, restoring, telling } from '../proxies.ts';
import type { Rollout } from '../rollout.ts';
import type { UndoStack } from '../undo.ts';
import type { Cleared } from './index.ts';

type Plan = PlanOn<VpsTarget>;
type Verified = Parameters<Activities['verifyStaysUp']>[0];

/**
 * Stage everywhere first, at once; then host after host: switch, restart, verify. Whether the last one stays up
 * is proven while its judgement begins: no other host waits for that.
 */
export async function release(
  rollout: Rollout,
  undo: UndoStack,
  { plan, mayTouch }: Cleared<Plan>,
): Promise<void> {
  const { hosts } = plan.target;
  const patience = plan.timing.stuckGiveUpMs;
  const step = <T>(name: string, act: () => Promise<T>) => rollout.attempt(name, act, patience);
  const stage = (host: VpsHost) =>
    step(`stage on ${host.name}`, () => releasing.stageRelease(on(host, plan)));
  await Promise.all(hosts.map(stage));
  await mayTouch();
  for (const host of hosts) {
    undo.push(`restore ${host.name}`, () => restoring.restoreHost(back(host, plan)));
    const { before } = await step(`switch ${host.name}`, () =>
      releasing.switchRelease(on(host, plan)),
    );
    await step(`restart ${host.name}`, () =>
      releasing.restartService({ ...on(host, plan), before }),
    );
    const verify = { ...on(host, plan), ...startUp(plan) };
    const last = host === hosts.at(-1);
    const { process } = await step(`verify ${host.name}`, () =>
      releasing.verifyHost(last ? { ...verify, staysUp: 'later' } : verify),
    );
    if (last) rollout.proofs.push(() => stays(rollout, { ...verify, process }, patience));
  }
}

const stays = (rollout: Rollout, verified: Verified, patience: number) =>
  rollout.attempt(
    `verify that ${verified.host.name} stays up`,
    () => proving.verifyStaysUp(verified),
    patience,
  );

/** The last host first, as the undo line would. */
export async function restoreAll(rollout: Rollout, plan: Plan): Promise<void> {
  for (const host of plan.target.hosts.toReversed())
    await rollout.insist(
      `restore ${host.name}`,
      () => restoring.restoreHost(back(host, plan)),
      plan.timing.restoreGiveUpMs,
    );
}

export async function tidy(plan: Plan): Promise<void> {
  const kept = [plan.restoreTo?.sha, plan.lastProven?.sha];
  const keep = kept.filter((sha) => sha !== undefined);
  for (const host of plan.target.hosts) await telling.pruneReleases({ ...on(host, plan), keep });
}

/** Its commit is staged beside what is live, so that the way back is there. */
export async function adopt(adoption: Adoption & { target: VpsTarget }): Promise<void> {
  const { deploy, target, release } = adoption;
  for (const host of target.hosts) await releasing.stageRelease({ deploy, target, host, release });
}

const on = (host: VpsHost, plan: Plan): HostStep => ({
  deploy: refOf(plan),
  target: plan.target,
  host,
  release: plan.release,
});

const startUp = (plan: Plan) => ({ startUpMs: plan.timing.startUpMs });

function back(host: VpsHost, plan: Plan) {
  const release = plan.restoreTo ?? plan.release;
  const live = plan.live.find((state) => state.host === host.name && state.sha === release.sha);
  const tree = live && !live.foreign ? { tree: live.tree ?? release.sha } : {};
  return { ...on(host, plan), release, ...tree, ...startUp(plan) };
}
