import type { Activities, Adoption } from '../../domain/contract/activities.ts';
import type { HostStep } from '../../domain/platforms/vps/activities.ts';
import type { PlanOn } from '../../domain/deploy/plan.ts';
import type { VpsHost, VpsTarget } from '../../domain/platforms/vps/target.ts';
import { refOf } from '../../domain/deploy/plan.ts';
import { usersNotChecked } from '../../domain/messages/settle.ts';
import { unlessCancelled } from '../proofs.ts';
import {
  notifying,
  provingWithin,
  releasing,
  releasingWithin,
  rollingBackWithin,
} from '../proxies.ts';
import type { Rollout } from '../rollout.ts';
import type { Compensations } from '../compensations.ts';
import type { Back, Cleared } from './index.ts';

type Plan = PlanOn<VpsTarget>;
type Verified = Parameters<Activities['verifyStaysUp']>[0];

/**
 * Stages the release on all hosts at once. Then switches, restarts and verifies one host after the
 * other. Before the next host begins, a proof shows that the host stays up. No host waits for the
 * last host, so the proof of the last host runs while the release is judged.
 */
export async function release(
  rollout: Rollout,
  compensations: Compensations,
  { plan, recheckBeforeFirstEffect }: Cleared<Plan>,
): Promise<void> {
  const { hosts } = plan.target;
  const giveUpMs = plan.timing.stuckGiveUpMs;
  const step = <T>(name: string, act: () => Promise<T>) => rollout.runStep(name, act, giveUpMs);
  const stage = (host: VpsHost) =>
    step(`stage on ${host.name}`, () => staging(plan.target).stageRelease(on(host, plan)));
  await Promise.all(hosts.map(stage));
  await recheckBeforeFirstEffect();
  for (const host of hosts) {
    compensations.pushAll([backOn(host, plan)]);
    const { before } = await step(`switch ${host.name}`, () =>
      releasing.switchRelease(on(host, plan)),
    );
    await step(`restart ${host.name}`, () =>
      restarting(plan).restartService({ ...on(host, plan), ...startUp(plan), before }),
    );
    const verify = { ...on(host, plan), ...startUp(plan) };
    const last = host === hosts.at(-1);
    const { process } = await step(`verify ${host.name}`, () =>
      releasing.verifyHost(last ? { ...verify, staysUp: 'later' } : verify),
    );
    if (last) rollout.proofs.push(() => stays(rollout, plan, { ...verify, process }));
  }
}

const stays = (rollout: Rollout, { timing }: Plan, verified: Verified) =>
  rollout.runStep(
    `verify that ${verified.host.name} stays up`,
    () => unlessCancelled(() => provingWithin(timing).verifyStaysUp(verified)),
    timing.stuckGiveUpMs,
  );

/**
 * Returns the rollback steps. The last host comes first, because compensations run in this order.
 */
export const back = (plan: Plan): Back[] =>
  plan.target.hosts.toReversed().map((host) => backOn(host, plan));

const backOn = (host: VpsHost, plan: Plan): Back => ({
  name: `roll back ${host.name}`,
  act: () =>
    rollingBackWithin(plan.timing, workMs(plan.target)).rollBackHost(rollbackOf(host, plan)),
});

/**
 * Returns the time for commands that a rollback runs on a host, in milliseconds. In an in-place
 * checkout, the prepare command runs again. With Compose, the start of the service may take up to
 * `prepareMs`.
 */
const workMs = ({ checkout, prepare, run, prepareMs }: VpsTarget) =>
  (checkout && prepare !== null ? prepareMs : 0) + (run === 'compose' ? prepareMs : 0);

export async function tidy(plan: Plan): Promise<string[]> {
  const kept = [plan.rollbackTarget?.sha, plan.lastProven?.sha];
  const keep = kept.filter((sha) => sha !== undefined);
  const unread: string[] = [];
  for (const host of plan.target.hosts) {
    const pruned = await notifying.pruneReleases({ ...on(host, plan), keep });
    if (pruned.unread) unread.push(host.name);
  }
  return unread.length === 0 ? [] : [usersNotChecked(unread)];
}

/**
 * Stages the live commit in a release directory, so that this commit can be a rollback target. The
 * live release does not change.
 */
export async function adopt(adoption: Adoption & { target: VpsTarget }): Promise<void> {
  const { deploy, warrant, target, release } = adoption;
  for (const host of target.hosts)
    await staging(target).stageRelease({ deploy, warrant, target, host, release });
}

const on = (host: VpsHost, plan: Plan): HostStep => ({
  deploy: refOf(plan),
  warrant: plan.warrant,
  target: plan.target,
  host,
  release: plan.release,
});

/**
 * Returns the options of the step that stages a release. The prepare command takes at most
 * `prepareMs`. If Compose builds images, the build also takes at most `prepareMs`.
 */
const staging = ({ prepare, run, prepareMs }: VpsTarget) =>
  releasingWithin(((prepare === null ? 0 : 1) + (run === 'compose' ? 1 : 0)) * prepareMs);

/**
 * Returns the options of the step that restarts the service. The service takes at most `startUpMs`
 * to start. Compose may build the image again before the start.
 */
const restarting = ({ target: { run, prepareMs }, timing }: Plan) =>
  releasingWithin(timing.startUpMs + (run === 'compose' ? prepareMs : 0));

const startUp = (plan: Plan) => ({ startUpMs: plan.timing.startUpMs });

function rollbackOf(host: VpsHost, plan: Plan) {
  const release = plan.rollbackTarget ?? plan.release;
  const live = plan.live.find((state) => state.host === host.name && state.sha === release.sha);
  const tree = live && !live.foreign ? { tree: live.tree ?? release.sha } : {};
  return { ...on(host, plan), release, ...tree, ...startUp(plan) };
}
