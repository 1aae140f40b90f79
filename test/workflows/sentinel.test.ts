import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Activities, Entry, Note, Page } from '../../domain/activities.ts';
import type { ServedLook } from '../../domain/activities/sentinel.ts';
import type { SentinelReport } from '../../domain/policy/sentinel.ts';
import { lastSentinel, scheduleSentinel } from '../../worker/sentinel-schedule.ts';
import { fakeActivities } from '../support/fake-activities.ts';
import { configOf } from '../support/planning.ts';
import { sha } from '../support/plan.ts';
import { bundle } from '../support/saga.ts';
import { realServer } from '../support/sea.ts';

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
const look = (served: string): ServedLook => ({
  shipped: { shas: [ours], at, how: 'succeeded' },
  ...{ busy: null, live: [{ host: 'one', sha: served, runningSha: served }], silent: [] },
  commits: { [ours]: { ...commit, tree: 't1' }, [others]: { ...commit, tree: 't2' } },
});

const slack = {
  api: 'http://127.0.0.1:9/',
  token: 'env:SLACK',
  deployments: '#d',
  incidents: '#i',
};

/** The schedule as a worker makes it, paused as in a sandbox; `again` triggers it and answers its result. */
async function guarded(change: Partial<Activities>) {
  const pages: Page[] = [];
  const notes: Note[] = [];
  const rows: Pick<Entry, 'kind' | 'body'>[] = [];
  const { activities } = fakeActivities(Date.now, {
    page: async (page) => {
      pages.push(page);
      return { reached: ['webhook'], failed: [] };
    },
    say: async (note) => {
      notes.push(note);
      return true;
    },
    recallSentinel: ({ runId }) => lastSentinel(Promise.resolve(env.client))(runId),
    append: async ({ kind, body }) => void rows.push({ kind, body }),
    ...change,
  });
  const taskQueue = `sentinel-${process.pid}`;
  const { client } = env;
  const config = { ...configOf({ slack }), sandbox: true };
  await client.schedule
    .getHandle('sentinel')
    .delete()
    .catch(() => {});
  expect(await scheduleSentinel(client, config, taskQueue)).toBeNull();
  const handle = client.schedule.getHandle('sentinel');
  const began = async () => (await handle.describe()).info.recentActions;
  const again = async () => {
    const before = (await began()).length;
    await handle.trigger();
    await expect.poll(async () => (await began()).length, { timeout: 30_000 }).toBe(before + 1);
    const last = (await began()).at(-1)?.action.workflow.workflowId ?? '';
    return (await client.workflow.getHandle(last).result()) as SentinelReport;
  };
  const options = { connection: env.nativeConnection, taskQueue, workflowBundle: code, activities };
  const worker = await Worker.create(options);
  return { worker, again, pages, notes, rows, handle };
}

const of = ({ places }: SentinelReport, environment: string) =>
  places.find((place) => place.environment === environment);

test('what was made live past the gates is paged once, then again only when it comes back', async () => {
  let served = others;
  const sea = await guarded({
    lookAtServed: async ({ environment }) => look(environment === 'production' ? served : ours),
  });
  await sea.worker.runUntil(async () => {
    const first = await sea.again();
    expect(of(first, 'production')).toMatchObject({ verdict: 'other' });
    expect(of(first, 'staging')).toMatchObject({ verdict: 'same' });
    await sea.again();
    expect(sea.pages.map(({ title }) => title)).toEqual([
      'shop production serves what Plimsoll did not ship',
    ]);
    expect(sea.pages[0]?.text).toContain(`Served: ${others} "Quick fix" by Kim <k@x.test>`);
    expect(sea.notes.map(({ channel, parent }) => [channel, parent])).toEqual([['#i', true]]);
    served = ours;
    await sea.again();
    served = others;
    await sea.again();
    expect(sea.pages).toHaveLength(2);
  });
  const told = sea.rows.map(({ kind, body }) => `${kind} ${body['verdict']}`);
  expect(told).toEqual(['sentinel other', 'sentinel same', 'sentinel other']);
});

test('no answer is said at once, and paged after the third; a page that nobody took is sent again', async () => {
  let away = true;
  const sea = await guarded({
    lookAtServed: async () => {
      throw ApplicationFailure.nonRetryable('git refuses this worker', 'Misconfigured');
    },
    page: async (page) => {
      if (away) throw ApplicationFailure.nonRetryable('no pager', 'Misconfigured');
      sea.pages.push(page);
      return { reached: ['webhook'], failed: [] };
    },
    say: async () => Promise.reject(ApplicationFailure.nonRetryable('no Slack', 'Misconfigured')),
  });
  await sea.worker.runUntil(async () => {
    const first = await sea.again();
    expect(of(first, 'staging')).toMatchObject({
      ...{ verdict: 'unknown', why: 'git refuses this worker', misses: 1 },
    });
    await sea.again();
    await sea.again();
    expect(sea.pages).toEqual([]);
    away = false;
    await sea.again();
    await sea.again();
  });
  expect(sea.pages.map(({ title }) => title).toSorted()).toEqual([
    'shop production: what is served cannot be told',
    'shop staging: what is served cannot be told',
  ]);
});

test('where nobody can be called, the ledger has it, once', async () => {
  const sea = await guarded({
    lookAtServed: async ({ environment }) => look(environment === 'production' ? others : ours),
    page: async () => ({ reached: [], failed: [] }),
    say: async () => false,
  });
  await sea.worker.runUntil(async () => {
    await sea.again();
    await sea.again();
  });
  expect(sea.rows).toHaveLength(1);
});
