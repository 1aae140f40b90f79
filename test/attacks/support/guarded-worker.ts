import { generateKeyPairSync } from 'node:crypto';
import { DefaultLogger } from '@temporalio/worker';
import { createClose } from '../../../activities/authority/close.ts';
import { guardActivities } from '../../../activities/authority/guard.ts';
import { createSealEnd } from '../../../activities/authority/seal-end.ts';
import { createApproval } from '../../../activities/approval/approval.ts';
import { createVerifyApprovals } from '../../../activities/approval/verify-approvals.ts';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import { effect } from '../../../activities/lib/effect.ts';
import { createSeals } from '../../../activities/lib/seals.ts';
import type { ExecutionOf } from '../../../activities/records/reconcile.ts';
import { planTarget } from '../../../activities/plan/target.ts';
import { sealDigest } from '../../../activities/lib/seal-digest.ts';
import type {
  Activities,
  EffectName,
  LateRollback,
  Page,
} from '../../../domain/contract/activities.ts';
import { kinds } from '../../../domain/contract/kinds.ts';
import type { HostState, Plan, SealedPlan, Target } from '../../../domain/deploy/plan.ts';
import { checksOf } from '../../../domain/gates/table.ts';
import { sitesOf } from '../../../domain/platforms/sites.ts';
import { MockActivityEnvironment } from '../../support/activity-environment.ts';
import { openGate, planFor } from '../../support/plan.ts';
import { configOf } from '../../support/planning.ts';

export const seals = createSeals(generateKeyPairSync('ed25519').privateKey);
export const config = configOf();
export const run = 'run-of-the-deploy';
export const names = Object.keys(kinds) as (keyof Activities)[];
export const place = { project: 'shop', environment: 'staging' };
export const target = planTarget({
  project: config.projects['shop']!,
  environment: config.projects['shop']!.environments['staging']!,
});
export const plan: Plan = planFor({
  ...place,
  ...{ target, github: null },
  rule: { ...planFor().rule, required: 0 },
  notAfter: new Date(Date.now() + 3_600_000).toISOString(),
});
export const state = (status: string) => ({ status, closedAt: null, phase: null });

export type Call = { name: string; input: Record<string, unknown> };

/** The plan of a late rollback. `signs`: it crosses a migration, so an approver must sign it. */
function lateSealed(signs: boolean): LateRollback {
  const cause = { kind: 'rollback', blames: 'person', detail: 'why' } as const;
  const late = planFor({
    ...plan,
    ...{ deployId: 'd-1a7e1a7e1a7e', late: true },
    ...(signs ? { forwardOnly: 'db/1.sql' } : {}),
  });
  return { plan: late, gates: [], digest: sealDigest(late, []), cause };
}

/**
 * The activities of a worker behind their guards, with a real ledger, and one approved deploy of
 * `changes` whose first effect has not happened. Every other activity is a spy that writes its name
 * into `calls`.
 */
export async function guardedWorker(changes: Partial<Plan> = {}) {
  const made = { ...plan, ...changes };
  const calls: Call[] = [];
  const pages: Page[] = [];
  const world = {
    /** What the Temporal server says about the run of the deploy. */
    execution: state('RUNNING') as Awaited<ReturnType<ExecutionOf>>,
    /** What the hosts serve. Null: no host answers. */
    served: [] as HostState[] | null,
    /** The name of a host that does not answer. */
    dead: '',
    /** What the proof of a rollback finds. */
    problems: [] as string[],
    /** What happens while an activity works, before it changes something. */
    whileItWorks: async (): Promise<unknown> => undefined,
    /** The plan that the ledger has of the deploy that was rolled back. */
    rolledBack: null as Plan | null,
    /** False: no pager answers. */
    pager: true,
  };
  const ledger = await openLedger({ path: ':memory:' }, seals);
  const deps = {
    ...{ config: () => config, ledger, seals },
    executionOf: async () => world.execution,
  };
  const answers: Record<string, (input: never) => unknown> = {
    planDeploy: () => made,
    planRollback: ({ signs }: { signs: boolean }) => lateSealed(signs),
    append: (input) => ledger.append(input),
    inspectHosts: ({ target: asked }: { target: Target }) => {
      const dead = sitesOf(asked).some(({ name }) => name === world.dead);
      return dead || !world.served ? Promise.reject(new Error('no route')) : world.served;
    },
    sealReturned: () => world.rolledBack,
    proveServed: () => ({ requests: 80, problems: world.problems, notChecked: [] }),
    declareRollback: ({ deploy: { deployId, sha } }: { deploy: Plan }) =>
      ledger.append({
        ...{ kind: 'rolling-back', key: `${deployId}/rolling-back`, deployId, ...place },
        body: { sha },
      }),
    page: (page: Page) => {
      if (!world.pager) throw new Error('no route');
      pages.push(page);
      return { reached: ['webhook'], failed: [] };
    },
  };
  const spied = names.map((name) => {
    const spy = async (input: Call['input']) => {
      calls.push({ name, input });
      await world.whileItWorks();
      const answer = answers[name];
      if (answer) return await answer(input as never);
      const check = checksOf(made, { hold: true }).find((one) => one.check === name);
      return check ? openGate(check.gate, new Date().toISOString()) : { id: 'build', buildId: 'b' };
    };
    return [name, kinds[name] === 'effect' ? effect(name as EffectName, spy as never) : spy];
  });
  const spies = Object.fromEntries(spied) as Activities;
  const { page, notify, inspectHosts } = spies;
  const activities: Activities = {
    ...spies,
    sealPlan: createApproval(deps).sealPlan,
    verifyApprovals: createVerifyApprovals(deps),
    ...createSealEnd({ ...deps, page, notify }),
    ...createClose({ ...deps, page, notify, inspectHosts }),
  };
  const guarded = guardActivities(activities, deps) as unknown as Record<
    string,
    (input: unknown) => Promise<unknown>
  >;

  /** Runs an activity as a Temporal worker does, for a workflow run. */
  const order = (name: string, input: unknown, runId = run) =>
    new MockActivityEnvironment(
      { workflowExecution: { workflowId: 'any', runId } },
      { logger: new DefaultLogger('ERROR') },
    ).run(guarded[name] as (input: unknown) => Promise<unknown>, input);

  /** Does what the workflow of an approved deploy does before its first effect. */
  async function approvedDeploy(): Promise<SealedPlan> {
    const planned = (await order('planDeploy', { record: true })) as Plan;
    const gates = await Promise.all(
      checksOf(planned, { hold: true }).map(({ check, input }) => order(check, input)),
    );
    const one = (await order('sealPlan', { plan: planned, gates })) as SealedPlan;
    const { deployId, sha } = one.plan;
    const body = { runId: run, sha };
    await ledger.append({ kind: 'started', key: deployId, deployId, ...place, body });
    await order('verifyApprovals', { sealed: one, signed: [] });
    return one;
  }

  const sealed = await approvedDeploy();
  const warrant = sealed.plan.warrant!;
  /** A ledger entry about the deploy, as its workflow orders it. */
  const rowOf = (kind: string, body: object, key = `${warrant.deploy.deployId}/${kind}`) => ({
    ...{ kind, key, deployId: warrant.deploy.deployId, ...place, body, warrant },
  });
  const intent = () => {
    const { sha, release, rollbackTarget } = sealed.plan;
    return rowOf('released', { sha, release, rollbackTarget, plan: sealed.plan });
  };
  const hostsServe = (sha: string) => {
    world.served = [{ ...plan.live[0]!, sha, runningSha: sha, healthy: true }];
  };
  calls.length = 0;
  return {
    ...{
      approvedDeploy,
      order,
      ledger,
      guarded,
      sealed,
      warrant,
      rowOf,
      intent,
      hostsServe,
      world,
      calls,
      pages,
    },
  };
}
