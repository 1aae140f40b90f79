import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import type { PlainActivities, LostDeploy, Page } from '../../../domain/contract/activities.ts';
import type { HostState, Plan } from '../../../domain/deploy/plan.ts';
import { deploy } from '../../../workflows/deploy.ts';
import { reconcile } from '../../../workflows/scheduled/reconcile.ts';
import { fakeActivities } from '../../support/fake-activities.ts';
import { hostState, newSha, oldSha, planFor, sha } from '../../support/plan.ts';
import { bundle, request, timeSkipping } from '../../support/saga.ts';
import { sitesOf } from '../../../domain/platforms/sites.ts';
import { warmWorker } from '../../support/warm-worker.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

let runs = 0;
type Served = Record<'one' | 'two', string | null>;

/**
 * A lost deploy on two hosts. `served` names the commit that each host serves. Every test has its
 * own project.
 */
async function scene(served: Served, change: Partial<Plan> = {}) {
  runs += 1;
  const project = `lost-${process.pid}-${runs}`;
  const [host] = planFor().target.hosts;
  const hosts = ['one', 'two'].map((name) => ({ ...host!, name }));
  const target = { ...planFor().target, hosts };
  const deployId = `d-${project}`;
  const plan = planFor({ project, deployId, target, ...change });
  const lost: LostDeploy = {
    deployId,
    project,
    environment: 'production',
    runId: 'gone',
    sha: plan.sha,
    requestedBy: 'alice',
    how: 'was terminated',
    // The deploy closed an hour ago, so that the workflow need not wait. The test server skips no
    // time in a child workflow.
    closedAt: new Date((await env.currentTimeMs()) - 3_600_000).toISOString(),
    rollingBack: false,
    plan,
  };
  const live: Record<string, string | null> = { ...served };
  return { lost, live, project };
}
type Scene = Awaited<ReturnType<typeof scene>>;

const stateOf = (name: string, served: string | null): HostState => ({
  ...hostState(name, served ?? ''),
  sha: served,
  runningSha: served,
  healthy: served !== null,
});

async function runDeployOver(
  { lost, live, project }: Scene,
  changes: Partial<PlainActivities> = {},
) {
  let now = await env.currentTimeMs();
  const pages: Page[] = [];
  const rows: string[] = [];
  const { activities, calls } = fakeActivities(() => now, {
    findLost: async () => [lost],
    inspectHosts: async ({ target }) =>
      sitesOf(target).map(({ name }) => stateOf(name, live[name] ?? null)),
    rollBackHost: async ({ host, release }) => {
      live[host.name] = release.sha;
      return hostState(host.name, release.sha);
    },
    page: async (page) => {
      pages.push(page);
      return { reached: ['webhook'], failed: [] };
    },
    append: async ({ kind, body }) => {
      const outcome = body['outcome'];
      const row = typeof outcome === 'string' ? `${kind} ${outcome}` : kind;
      if (!rows.includes(row)) rows.push(row);
    },
    ...changes,
  });
  const worker = await warmWorker(env, code, activities);
  const { taskQueue } = worker;
  const { client } = env;
  const start = () =>
    client.workflow.start(reconcile, { args: [{}], taskQueue, workflowId: `reconcile/${project}` });
  const run = async (beside: () => Promise<unknown> = async () => {}) => {
    const handle = await start();
    await beside();
    const report = await handle.result();
    const id = `deploy/${project}/production`;
    const rest = [client.workflow.getHandle(id).result()];
    const ended = report.deploys[0]?.outcome;
    if (ended && ended !== 'aborted')
      rest.push(client.workflow.getHandle(`aftermath/${lost.deployId}`).result());
    await Promise.allSettled(ended ? rest : []);
    now = await env.currentTimeMs();
    return report;
  };
  return { worker, run, calls, pages, rows, client, taskQueue, live };
}

async function reconciled(one: Scene, changes: Partial<PlainActivities> = {}) {
  const fixture = await runDeployOver(one, changes);
  const report = await fixture.worker.runUntil(() => fixture.run());
  return { ...fixture, report };
}

const titles = (pages: Page[]) => pages.map(({ title, priority }) => `${priority}: ${title}`);

test('terminated before the first effect: recorded as aborted, no host is asked', async () => {
  const one = await scene({ one: oldSha, two: oldSha });
  const inspectHosts = async () => Promise.reject(new Error('no host may be asked'));
  const lost = { ...one.lost, plan: null };
  const { report, rows, pages } = await reconciled({ ...one, lost }, { inspectHosts });
  expect(report.deploys).toMatchObject([
    { outcome: 'aborted', detail: 'it was terminated: the deploy had not changed production yet' },
  ]);
  expect(rows).toEqual(['closed aborted']);
  expect(titles(pages)).toEqual([
    `high: ${one.project} production was terminated: every host serves the previous release`,
  ]);
});

test('terminated in the rollback, when every host was old again: proven, and rolled back', async () => {
  const one = await scene({ one: oldSha, two: oldSha });
  const { report, rows, calls, pages } = await reconciled({
    ...one,
    lost: { ...one.lost, rollingBack: true },
  });
  expect(report.deploys[0]).toMatchObject({
    outcome: 'rolled-back',
    detail: 'it was terminated: rolled back from aaaaaaa on 2 hosts',
  });
  expect(rows[0]).toBe('closed rolled-back');
  expect(calls).toContain('prove what is served');
  expect(titles(pages)).toEqual([
    `high: ${one.project} production was terminated: rolled back, proven on every host`,
  ]);
});

test('rolled back, but the previous release fails as well: it says so, and wakes somebody', async () => {
  const proveServed: PlainActivities['proveServed'] = async () => ({
    requests: 40,
    problems: ['core on one: https://shop.example/ failed 40 of 40 requests'],
    notChecked: [],
  });
  const one = await scene({ one: newSha, two: oldSha });
  const { report, pages } = await reconciled(one, { proveServed });
  expect(report.deploys[0]).toMatchObject({
    outcome: 'rolled-back-still-failing',
    detail:
      'it was terminated: rolled back; still failing: core on one: https://shop.example/ failed ' +
      '40 of 40 requests. The rollback began because: the deploy was terminated while it was running',
  });
  expect(titles(pages)).toEqual([
    `urgent: ${one.project} production was terminated: ROLLED BACK; STILL FAILING`,
  ]);
});

test('terminated while everything was still old: nothing is rolled back', async () => {
  const { report, rows, calls, pages } = await reconciled(
    await scene({ one: oldSha, two: oldSha }),
  );
  expect(report.deploys[0]).toMatchObject({
    outcome: 'aborted',
    detail: 'it was terminated: the previous release is served: aaaaaaa on 2 hosts',
  });
  expect(rows).toEqual(['closed aborted']);
  expect(calls.filter((call) => call.startsWith('rollback'))).toEqual([]);
  expect(pages).toHaveLength(1);
});

const untimely = [
  ['in the middle of the hosts', { one: newSha, two: oldSha }],
  ['in the watch', { one: newSha, two: newSha }],
  ['in the middle of the rollback', { one: oldSha, two: newSha }],
] as const;

test.each(untimely)('terminated %s: every host is rolled back, with a page', async (_, served) => {
  const one = await scene(served);
  const { report, rows, pages, live, calls } = await reconciled(one);
  expect(report.deploys[0]).toMatchObject({ outcome: 'rolled-back' });
  expect(live).toEqual({ one: oldSha, two: oldSha });
  expect(rows).toEqual(['closed rolled-back', 'incident', 'revert']);
  expect(calls).not.toContain('revert main');
  expect(titles(pages)).toEqual([
    `high: ${one.project} production was terminated: rolled back, proven on every host`,
  ]);
  const seen = calls.filter((call) => /sign of life|stand down|deployment/.test(call));
  expect(seen.toSorted()).toEqual(['deployment inactive', 'sign of life', 'stand down']);
});

test('an unhealthy process on the old release is restarted', async () => {
  const one = await scene({ one: oldSha, two: oldSha });
  let sick = true;
  const { report } = await reconciled(one, {
    inspectHosts: async ({ target }) =>
      sitesOf(target).map(({ name }) => ({ ...hostState(name, oldSha), healthy: !sick })),
    rollBackHost: async ({ host }) => {
      sick = false;
      return hostState(host.name, oldSha);
    },
  });
  expect(report.deploys[0]?.outcome).toBe('rolled-back');
});

test('terminated across a schema that the previous release may not support: left alone, with an urgent page', async () => {
  const one = await scene({ one: newSha, two: oldSha }, { forwardOnly: 'db/1.sql' });
  const { report, rows, live, pages } = await reconciled(one);
  expect(report.deploys[0]).toMatchObject({
    outcome: 'rollback-not-approved',
    detail:
      'it was terminated: MIXED: bbbbbbb on one, aaaaaaa on two: the release contains schema migrations that are not ' +
      'declared backward-compatible (db/1.sql)',
  });
  expect(live).toEqual({ one: newSha, two: oldSha });
  expect(rows).toContain('closed rollback-not-approved');
  expect(titles(pages)).toEqual([
    `urgent: ${one.project} production was terminated: production needs a person NOW`,
  ]);
});

test('a release that somebody made live by hand meanwhile is left alone, with an urgent page', async () => {
  const one = await scene({ one: newSha, two: sha('e') });
  const { report, rows, live, pages } = await reconciled(one);
  expect(report.deploys[0]).toMatchObject({ outcome: 'rollback-failed' });
  expect(report.deploys[0]?.detail).toContain('nothing was changed');
  expect(live).toEqual({ one: newSha, two: sha('e') });
  expect(rows[0]).toBe('closed rollback-failed');
  expect(titles(pages)).toEqual([
    `urgent: ${one.project} production was terminated: production needs a person NOW`,
  ]);
});

test('a first deploy that was terminated has no rollback target: a person is paged', async () => {
  const one = await scene({ one: newSha, two: null }, { rollbackTarget: null });
  const { report, live, pages } = await reconciled(one);
  expect(report.deploys[0]?.detail).toContain('a first deploy has no rollback target');
  expect(live).toEqual({ one: newSha, two: null });
  expect(pages.map(({ priority }) => priority)).toEqual(['urgent']);
});

test('where a deploy is open, nothing is begun', async () => {
  const one = await scene({ one: newSha, two: oldSha });
  const fixture = await runDeployOver(one);
  await fixture.worker.runUntil(async () => {
    const workflowId = `deploy/${one.project}/production`;
    const { taskQueue } = fixture;
    const open = await fixture.client.workflow.start(deploy, {
      args: [request],
      taskQueue,
      workflowId,
    });
    const report = await (
      await fixture.client.workflow.start(reconcile, {
        args: [{}],
        taskQueue,
        workflowId: `reconcile/${one.project}`,
      })
    ).result();
    expect(report.deploys[0]).toMatchObject({
      outcome: null,
      detail: expect.stringContaining('not recovered'),
    });
    await open.terminate();
  });
  expect(fixture.live).toEqual({ one: newSha, two: oldSha });
  expect(fixture.rows).toEqual([]);
});
