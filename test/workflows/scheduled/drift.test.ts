import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type {
  PlainActivities,
  Entry,
  Note,
  Page,
  DriftReport,
} from '../../../domain/contract/activities.ts';
import type { ServedSnapshot } from '../../../domain/contract/drift.ts';
import { lastDriftReport, scheduleDrift } from '../../../worker/schedules/drift.ts';
import { fakeActivities } from '../../support/fake-activities.ts';
import { configOf } from '../../support/planning.ts';
import { hostState, planFor, sha } from '../../support/plan.ts';
import { bundle } from '../../support/saga.ts';
import { realServer } from '../../support/real-server.ts';
import { warmWorker } from '../../support/warm-worker.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await realServer(inject('temporalBinary'));
});
afterAll(() => env?.teardown());

const [ours, others] = [sha('a'), sha('b')];
const at = '2026-01-01T00:00:00Z';
const commit = { title: 'Quick fix', author: 'Kim <k@x.test>', committer: 'Kim <k@x.test>', at };
const snapshot = (served: string): ServedSnapshot => ({
  shipped: { shas: [ours], at, how: 'succeeded' },
  ...{
    busy: null,
    rolledBack: null,
    live: [{ host: 'one', sha: served, runningSha: served }],
    silent: [],
  },
  commits: { [ours]: { ...commit, tree: 't1' }, [others]: { ...commit, tree: 't2' } },
});

const slack = {
  api: 'http://127.0.0.1:9/',
  token: 'env:SLACK',
  deployments: '#d',
  incidents: '#i',
};

/**
 * Makes the schedule as a worker does, but paused. `again` triggers the schedule and returns the
 * result of the run.
 */
async function guarded(change: Partial<PlainActivities>) {
  const pages: Page[] = [];
  const notes: Note[] = [];
  const rows: Pick<Entry, 'kind' | 'body'>[] = [];
  const { activities } = fakeActivities(Date.now, {
    page: async (page) => {
      pages.push(page);
      return { reached: ['webhook'], failed: [] };
    },
    notify: async (note) => {
      notes.push(note);
      return true;
    },
    readLastDriftReport: ({ runId }) => lastDriftReport(Promise.resolve(env.client))(runId),
    append: async ({ kind, body }) => void rows.push({ kind, body }),
    ...change,
  });
  const worker = await warmWorker(env, code, activities);
  const { client } = env;
  const config = { ...configOf({ slack }), sandbox: true };
  await client.schedule
    .getHandle('drift')
    .delete()
    .catch(() => {});
  expect(await scheduleDrift(client, config, worker.taskQueue)).toBeNull();
  const handle = client.schedule.getHandle('drift');
  const began = async () => (await handle.describe()).info.recentActions;
  const again = async () => {
    const before = (await began()).length;
    await handle.trigger();
    await expect.poll(async () => (await began()).length, { timeout: 30_000 }).toBe(before + 1);
    const last = (await began()).at(-1)?.action.workflow.workflowId ?? '';
    return (await client.workflow.getHandle(last).result()) as DriftReport;
  };
  return { worker, again, pages, notes, rows, handle };
}

const of = ({ places }: DriftReport, environment: string) =>
  places.find((place) => place.environment === environment);

test('a release that was made live past the gates is paged once, then again only when it comes back', async () => {
  let served = others;
  const fixture = await guarded({
    readServed: async ({ environment }) => snapshot(environment === 'production' ? served : ours),
  });
  await fixture.worker.runUntil(async () => {
    const first = await fixture.again();
    expect(of(first, 'production')).toMatchObject({ verdict: 'other' });
    expect(of(first, 'staging')).toMatchObject({ verdict: 'same' });
    await fixture.again();
    expect(fixture.pages.map(({ title }) => title)).toEqual([
      'shop production serves a release that Plimsoll did not deploy',
    ]);
    expect(fixture.pages[0]?.text).toContain(`Served: ${others} "Quick fix" by Kim <k@x.test>`);
    expect(fixture.notes.map(({ channel, parent }) => [channel, parent])).toEqual([['#i', true]]);
    served = ours;
    await fixture.again();
    served = others;
    await fixture.again();
    expect(fixture.pages).toHaveLength(2);
  });
  const notified = fixture.rows.map(({ kind, body }) => `${kind} ${body['verdict']}`);
  expect(notified).toEqual(['drift other', 'drift same', 'drift other']);
});

test('a rolled back release that is served again is rolled back again and paged', async () => {
  const served = new Map([['gateway-1', others]]);
  const back = { id: 'old', sha: ours };
  const plan = planFor({
    ...{ project: 'shop', environment: 'production', sha: others, rollbackTarget: back },
    release: { id: 'new', sha: others },
  });
  const host = plan.live[0]?.host ?? '';
  served.set(host, others);
  let lateLeft = 2;
  const fixture = await guarded({
    readServed: async ({ environment }) => ({
      ...snapshot(environment === 'production' ? (served.get(host) ?? '') : ours),
      rolledBack: others,
    }),
    sealReturned: async () => (served.get(host) === others ? plan : null),
    inspectHosts: async () => [hostState(host, served.get(host) ?? '')],
    rollBackHost: async ({ host: { name }, release }) => {
      served.set(name, release.sha);
      return hostState(name, release.sha);
    },
    proveServed: async () => ({ requests: 1, problems: [], notChecked: [] }),
  });
  const lock = env.client.workflow.getHandle('deploy/shop/production');
  await fixture.worker.runUntil(async () => {
    for (; lateLeft > 0; lateLeft -= 1) {
      served.set(host, others);
      await fixture.again();
      expect(await lock.result()).toEqual({ rolledBack: true, detail: 'aaaaaaa is live again' });
      expect(served.get(host)).toBe(ours);
      await fixture.again();
    }
  });
  // A check that gets no answer frees the lock before the next check.
  const { events } = await lock.fetchHistory();
  const [asked] = (events ?? []).flatMap(
    (event) => event.activityTaskScheduledEventAttributes ?? [],
  );
  expect(asked?.activityType?.name).toBe('sealReturned');
  expect(Number(asked?.scheduleToCloseTimeout?.seconds)).toBeLessThan(4 * 60);
  expect(fixture.pages.map(({ title }) => title)).toEqual(
    Array(2).fill('shop production serves the rolled back release bbbbbbb again'),
  );
});

test('no answer is reported at once, and paged after the third; a page that was not accepted is sent again', async () => {
  let away = true;
  const fixture = await guarded({
    readServed: async () => {
      throw ApplicationFailure.nonRetryable('git refuses this worker', 'Misconfigured');
    },
    page: async (page) => {
      if (away) throw ApplicationFailure.nonRetryable('no pager', 'Misconfigured');
      fixture.pages.push(page);
      return { reached: ['webhook'], failed: [] };
    },
    notify: async () =>
      Promise.reject(ApplicationFailure.nonRetryable('no Slack', 'Misconfigured')),
  });
  await fixture.worker.runUntil(async () => {
    const first = await fixture.again();
    expect(of(first, 'staging')).toMatchObject({
      ...{ verdict: 'unknown', why: 'git refuses this worker', misses: 1 },
    });
    await fixture.again();
    await fixture.again();
    expect(fixture.pages).toEqual([]);
    away = false;
    await fixture.again();
    await fixture.again();
  });
  expect(fixture.pages.map(({ title }) => title).toSorted()).toEqual([
    'shop production: the served release is unknown',
    'shop staging: the served release is unknown',
  ]);
});

test('if nobody can be paged, the ledger has it, once', async () => {
  const fixture = await guarded({
    readServed: async ({ environment }) => snapshot(environment === 'production' ? others : ours),
    page: async () => ({ reached: [], failed: [] }),
    notify: async () => false,
  });
  await fixture.worker.runUntil(async () => {
    await fixture.again();
    await fixture.again();
  });
  expect(fixture.rows).toHaveLength(1);
});
