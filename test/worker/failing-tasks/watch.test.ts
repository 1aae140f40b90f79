import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { beforeEach, expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import type { Note, Page } from '../../../domain/contract/activities.ts';
import { readFailingTasks } from '../../../worker/failing-tasks/read.ts';
import { createRound } from '../../../worker/failing-tasks/watch.ts';
import { planFor } from '../../support/plan.ts';
import { configOf } from '../../support/planning.ts';

const start = Date.UTC(2026, 0, 1);
const at = (seconds: number) => ({ seconds: start / 1000 + seconds, nanos: 0 });
const now = (seconds: number) => new Date(start + seconds * 1000);
const fatal =
  'Fatal error in workflow machines: ActivityMachine in state Canceled says the transition is ' +
  'invalid';

type Run = {
  type?: string;
  attempt?: number;
  phase?: string;
  planned?: boolean;
  causes?: string[];
};

/** A server with these open workflows. Their tasks failed from second 0, one every 10 s. */
function serverOf(runs: Record<string, Run>, { lists = true } = {}): Client {
  const find = (workflowId: string) => {
    const run = runs[workflowId];
    if (!run) throw new WorkflowNotFoundError('no such workflow', workflowId, undefined);
    return run;
  };
  return {
    options: { namespace: 'default' },
    withDeadline: (_: number, call: () => unknown) => call(),
    workflow: {
      async *list() {
        if (!lists) throw new Error('visibility is down');
        for (const workflowId of Object.keys(runs)) yield { workflowId };
      },
      getHandle: (workflowId: string) => ({
        async describe() {
          const { type = 'deploy', attempt = 4, phase, planned = true } = find(workflowId);
          const sealed = { plan: planFor({ project: 'shop' }), gates: [], digest: '' };
          return {
            workflowId,
            runId: `run of ${workflowId}`,
            type,
            status: { name: 'RUNNING' },
            memo: planned ? { plan: sealed } : {},
            searchAttributes: phase ? { PlimsollPhase: [phase] } : {},
            raw: { pendingWorkflowTask: { attempt, originalScheduledTime: at(0) } },
          };
        },
      }),
    },
    workflowService: {
      async getWorkflowExecutionHistoryReverse({
        execution,
      }: {
        execution: { workflowId: string };
      }) {
        const causes = find(execution.workflowId).causes ?? [fatal];
        const failed = causes.map((message, index) => ({
          eventTime: at(index * 10),
          workflowTaskFailedEventAttributes: { failure: { message } },
        }));
        const before = { eventTime: at(-1), workflowTaskCompletedEventAttributes: {} };
        const old = {
          eventTime: at(-2),
          workflowTaskFailedEventAttributes: { failure: { message: 'an earlier fault' } },
        };
        return { history: { events: [...failed.toReversed(), before, old] } };
      },
    },
  } as unknown as Client;
}

let ledger: Ledger;
beforeEach(async () => {
  ledger = await openLedger({ path: ':memory:' });
});

/** One worker. `fails`: how often its page is refused. */
function workerAt(client: Client, { fails = 0, slack = false } = {}) {
  const pages: Page[] = [];
  const notes: Note[] = [];
  const warned: string[] = [];
  let left = fails;
  const look = createRound({
    client,
    taskQueue: 'q',
    config: slack
      ? configOf({ slack: { token: 'env:SLACK_TOKEN', incidents: '#incidents' } })
      : configOf(),
    ledger,
    activities: {
      page: async (page) => {
        if (left > 0) {
          left -= 1;
          throw new Error('the pager is down');
        }
        pages.push(page);
        return { reached: ['webhook'], failed: [] };
      },
      notify: async (note) => {
        notes.push(note);
        return true;
      },
    },
    warn: (line) => void warned.push(line),
  });
  return { look, pages, notes, warned };
}

const stuck = { 'deploy/shop/production': { phase: 'rollback' } };
const text =
  `3 workflow tasks failed since 00:00:00Z: ${fatal}.\n` +
  'Live now: UNKNOWN: bbbbbbb or aaaaaaa.\n' +
  'The deploy holds its lock and processes no order.\n' +
  'End the deploy and finish its rollback: plimsoll recover shop production';

test('a deploy that cannot continue pages, with the command that frees it', async () => {
  const { look, pages, notes, warned } = workerAt(serverOf(stuck), { slack: true });
  await look(now(60));
  expect(pages).toEqual([
    {
      deploy: expect.objectContaining({ deployId: 'd-0123456789ab', project: 'shop' }),
      step: 'failing-tasks/2026-01-01T00:00:00.000Z/0',
      title: 'shop production: Plimsoll cannot continue this deploy',
      text,
      priority: 'urgent',
    },
  ]);
  const said = `shop production: Plimsoll cannot continue this deploy.\n${text}`;
  expect(notes).toMatchObject([{ channel: '#incidents', text: said }]);
  expect(warned).toEqual([said]);
  expect(await ledger.read({ limit: 10 })).toMatchObject([
    { kind: 'paged', deployId: 'd-0123456789ab', project: 'shop', environment: 'production' },
  ]);
});

test('a deploy that had no plan yet pages too', async () => {
  const runs = { 'deploy/shop/production': { phase: 'planning', planned: false } };
  const { look, pages } = workerAt(serverOf(runs));
  await look(now(60));
  expect(pages).toMatchObject([
    {
      priority: 'high',
      text: expect.stringContaining('Live now: unchanged: nothing was touched.'),
    },
  ]);
});

test('a recovery that fails in its first task is urgent, and claims nothing about the release', async () => {
  const runs = { 'deploy/shop/production': { type: 'recover', planned: false } };
  const { look, pages } = workerAt(serverOf(runs));
  await look(now(60));
  expect(pages).toMatchObject([
    {
      priority: 'urgent',
      text: expect.stringContaining(
        'Live now: UNKNOWN: a deploy was ended, and its rollback has not begun.',
      ),
    },
  ]);
});

test('a workflow that cannot be read does not hide the others', async () => {
  const server = serverOf({ 'aftermath/d-1': { type: 'aftermath' } });
  const getHandle = server.workflow.getHandle.bind(server.workflow);
  server.workflow.getHandle = ((id: string) => {
    if (id.startsWith('deploy/')) throw new Error('its history is damaged');
    return getHandle(id);
  }) as typeof getHandle;
  const { look, pages } = workerAt(server);
  await expect(look(now(60))).rejects.toThrow('its history is damaged');
  expect(pages).toMatchObject([{ title: 'Plimsoll cannot continue its workflow aftermath/d-1' }]);
});

test('the cause that a command prints as JSON has no secret', async () => {
  const token = `ghp_${'a'.repeat(36)}`;
  const server = serverOf({ 'deploy/shop/production': { causes: [`no access with ${token}`] } });
  const described = await server.workflow.getHandle('deploy/shop/production').describe();
  expect(await readFailingTasks(server, described)).toMatchObject({ cause: 'no access with …' });
});

test('each page is sent once by all workers, and again every hour', async () => {
  const first = workerAt(serverOf(stuck));
  const second = workerAt(serverOf(stuck));
  for (const seconds of [60, 120, 3599]) {
    await first.look(now(seconds));
    await second.look(now(seconds));
  }
  expect([first.pages.length, second.pages.length]).toEqual([1, 0]);
  await second.look(now(3600));
  await first.look(now(3601));
  expect([first.pages.length, second.pages.length]).toEqual([1, 1]);
});

test('a page that nobody accepted is sent again', async () => {
  const { look, pages, warned } = workerAt(serverOf(stuck), { fails: 1 });
  await look(now(60));
  await look(now(120));
  expect(pages).toHaveLength(1);
  expect(warned).toContain(
    '"shop production: Plimsoll cannot continue this deploy" was not delivered: the pager is down',
  );
});

test.each([
  ['fewer than 3 failed tasks', { attempt: 3 }, 600],
  ['failed tasks in the last 30 s', {}, 29],
  ['failed tasks before one that completed', { attempt: 1, causes: [] }, 600],
])('nobody is paged for %s', async (_, run, seconds) => {
  const { look, pages } = workerAt(serverOf({ 'deploy/shop/production': run }));
  await look(now(seconds));
  expect(pages).toEqual([]);
});

test('the deploys are found although the server lists nothing', async () => {
  const { look, pages } = workerAt(serverOf(stuck, { lists: false }));
  await look(now(60));
  expect(pages).toHaveLength(1);
});

test('another workflow of this queue pages too', async () => {
  const runs = {
    'aftermath/d-1': { type: 'aftermath', causes: [fatal, fatal, fatal], attempt: 1 },
  };
  const { look, pages } = workerAt(serverOf(runs));
  await look(now(60));
  expect(pages).toMatchObject([
    {
      title: 'Plimsoll cannot continue its workflow aftermath/d-1',
      text:
        `3 workflow tasks failed since 00:00:00Z: ${fatal}.\n` +
        'A release was rolled back, and its incident, quarantine, revert or notes may be ' +
        'missing. Check them: plimsoll incidents\n' +
        'Start the worker again, with an earlier version if it was updated. If that does not ' +
        'help, terminate the workflow aftermath/d-1 in the Web UI.',
      priority: 'high',
    },
  ]);
});

test('a secret in the cause is not sent', async () => {
  const token = `ghp_${'a'.repeat(36)}`;
  const causes = [`no access with ${token}`];
  const runs = { 'deploy/shop/production': { phase: 'watch', causes } };
  const { look, pages, warned } = workerAt(serverOf(runs));
  await look(now(60));
  expect(pages).toHaveLength(1);
  expect(JSON.stringify([pages, warned])).not.toContain(token);
});
