import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import type { SignalDefinition } from '@temporalio/workflow';
import type {
  PlainActivities,
  LostDeploy,
  Page,
  DeadMansSwitchMessage,
} from '../../domain/contract/activities.ts';
import type { DeployReport } from '../../domain/deploy/plan.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { deploy } from '../../workflows/deploy.ts';
import { abort, decide, retry } from '../../workflows/messages.ts';
import { recover } from '../../workflows/records/recover.ts';
import { fakeActivities } from '../support/fake-activities.ts';
import { hostState, newSha, oldSha, planFor } from '../support/plan.ts';
import {
  approveAtOnce,
  bundle,
  decision,
  request,
  runDeploy,
  timeSkipping,
} from '../support/saga.ts';
import { freeClock } from '../support/lost-tasks.ts';
import { warmWorker } from '../support/warm-worker.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

const outcome = ({ result }: { result: PromiseSettledResult<unknown> }) =>
  (result as PromiseFulfilledResult<DeployReport>).value.outcome;
const down = async () => {
  throw ApplicationFailure.nonRetryable('Slack is down', failures.unavailable);
};

test("the intent and the dead man's switch come before the first effect, its removal at the end", async () => {
  const { calls } = await runDeploy(env, code);
  const order = ['record released', 'sign of life', 'stage deploy@one:22', 'record closed'];
  expect(calls.filter((call) => order.includes(call)).slice(0, 3)).toEqual(order.slice(0, 3));
  expect(calls.indexOf('stand down')).toBeGreaterThan(calls.indexOf('record closed'));
  expect(calls.at(-1)).not.toBe('sign of life');
});

test("while the saga lives the dead man's switch is moved on every 10 min, each time by 25", async () => {
  const signs: DeadMansSwitchMessage[] = [];
  const setDeadMansSwitch = async (sign: DeadMansSwitchMessage) => {
    signs.push(sign);
    return true;
  };
  const done = await runDeploy(env, code, { setDeadMansSwitch });
  expect(outcome(done)).toBe('succeeded');
  expect(signs.length).toBeGreaterThanOrEqual(3);
  expect(signs.length).toBeLessThanOrEqual(5);
  const gaps = signs.slice(1).map(({ postAt }, at) => postAt - (signs[at]?.postAt ?? 0));
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(600);
  expect(signs[0]?.channel).toBe('#incidents');
  expect(signs[0]?.text).toContain('WENT SILENT: no update since');
  const { historyLength } = await done.handle.describe();
  expect(historyLength).toBeLessThan(300);
});

test("the dead man's switch is deleted only after its last update has arrived", async () => {
  const order: string[] = [];
  let abortIt = async () => {};
  const changes: Partial<PlainActivities> = {
    setDeadMansSwitch: async () => {
      order.push('sign begins');
      if (order.length > 1) {
        await abortIt();
        await new Promise((resolve) => setTimeout(resolve, 2_000));
      }
      order.push('sign ends');
      return true;
    },
    clearDeadMansSwitch: async () => order.push('stand down') > 0,
  };
  const done = await runDeploy(env, code, changes, async (handle) => {
    abortIt = () => handle.signal(abort);
    await approveAtOnce(handle);
  });
  expect(outcome(done)).toBe('rolled-back');
  expect(order.slice(2)).toEqual(['sign begins', 'sign ends', 'stand down']);
});

test('a Slack that is down for all of it delays and fails nothing', async () => {
  const done = await runDeploy(env, code, {
    notify: down,
    askApprovers: down,
    setDeadMansSwitch: down,
    clearDeadMansSwitch: down,
  });
  expect(outcome(done)).toBe('succeeded');
});

test('a GitHub that is down for all of it delays and fails nothing', async () => {
  const done = await runDeploy(env, code, { recordDeployment: down, closeIssues: down });
  expect(outcome(done)).toBe('succeeded');
});

test('a host where the processes of other users cannot be read is named', async () => {
  const texts: string[] = [];
  await runDeploy(env, code, {
    pruneReleases: async () => ({ removed: ['a'.repeat(40)], unread: true }),
    notify: async ({ text }) => texts.push(text) > 0,
  });
  expect(texts.filter((text) => text.startsWith('Old releases'))).toEqual([
    'Old releases were removed on deploy@one:22. Not checked: whether a process of another user ' +
      'still runs in one of them, because the ssh user may read only the arguments of such ' +
      "processes. Check on the host: sudo sh -c 'ls -l /proc/[0-9]*/cwd' | grep 'releases/.*deleted'",
  ]);
});

test('a good deploy says three things: its message, the question, the end', async () => {
  const { calls } = await runDeploy(env, code);
  const said = calls.filter((call) => call.startsWith('notify ') || call === 'ask');
  expect([...new Set(said)].toSorted()).toEqual(['ask', 'notify final', 'notify parent']);
  const shown = calls.filter((call) => call.startsWith('deployment '));
  expect(shown).toEqual(['deployment in_progress', 'deployment success']);
  expect(calls.filter((call) => call.startsWith('page '))).toEqual([]);
});

test('a stuck step pages, beside a Slack that is down', async () => {
  let broken = true;
  const stageRelease = async () => {
    if (broken) throw ApplicationFailure.nonRetryable('disk busy', failures.unavailable);
    return { staged: 'done' as const };
  };
  const pages: Page[] = [];
  const page = async (one: Page) => {
    pages.push(one);
    return { reached: ['webhook'], failed: [] };
  };
  const changes: Partial<PlainActivities> = { stageRelease, page, notify: down };
  const done = await runDeploy(env, code, changes, async (handle) => {
    await approveAtOnce(handle);
    for (let tries = 0; tries < 200 && pages.length === 0; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 50));
    broken = false;
    await handle.signal(retry);
  });
  expect(outcome(done)).toBe('succeeded');
  expect(pages).toMatchObject([{ title: 'gateway production is stuck', priority: 'high' }]);
  expect(pages[0]?.text).toContain('gateway production is stuck: stage on deploy@one:22');
});

test('a ledger that is down before the first effect: stuck, and nothing was touched', async () => {
  const append: PlainActivities['append'] = async ({ kind }) => {
    if (kind === 'released')
      throw ApplicationFailure.nonRetryable('disk full', failures.unavailable);
  };
  const { calls, ...done } = await runDeploy(env, code, { append });
  expect(outcome(done)).toBe('aborted');
  expect(calls.filter((call) => call.startsWith('stage'))).toEqual([]);
});

test('a first deploy that fails pages a person, urgently', async () => {
  const planDeploy: PlainActivities['planDeploy'] = async () => {
    const now = await env.currentTimeMs();
    const notAfter = new Date(now + planFor().timing.expireMs).toISOString();
    return planFor({ rollbackTarget: null, notAfter });
  };
  const runSmoke = async () => ({ ok: false, checks: [] });
  const { calls, ...done } = await runDeploy(env, code, { planDeploy, runSmoke });
  expect(outcome(done)).toBe('rollback-failed');
  expect(calls).toContain('page rollback-failed: gateway production: the first release failed');
});

test('a revert that needs a person pages one', async () => {
  const runSmoke = async () => ({ ok: false, checks: [] });
  const revertMain = async () => {
    throw ApplicationFailure.nonRetryable('conflict in app.js', failures.needsPerson);
  };
  const { calls, ...done } = await runDeploy(env, code, { runSmoke, revertMain });
  expect(outcome(done)).toBe('rolled-back');
  expect(calls).toContain('page revert: gateway production: a person must revert main');
  expect(calls).toContain('deployment failure');
});

test('an order and a decision that arrive together with the start are heard', async () => {
  const { activities } = fakeActivities(Date.now);
  const { taskQueue, runUntil } = await warmWorker(env, code, activities);
  const start = (signal: SignalDefinition<any[]>, signalArgs: unknown[], id: string) =>
    env.client.workflow.signalWithStart(deploy, {
      ...{ taskQueue, args: [request], workflowId: `deploy/gateway/early-${process.pid}-${id}` },
      ...{ signal, signalArgs },
    });
  await runUntil(async () => {
    await freeClock(env);
    const aborted = await start(abort, [], 'abort');
    expect(await aborted.result()).toMatchObject({ outcome: 'aborted', touched: false });
    const rejected = await start(decide, [decision('bob', 'reject')], 'decide');
    expect(await rejected.result()).toMatchObject({ outcome: 'rejected', touched: false });
  });
});

const lost: LostDeploy = {
  deployId: 'd-lost',
  project: 'gateway',
  environment: 'production',
  runId: 'gone',
  sha: newSha,
  requestedBy: 'alice',
  how: 'was terminated',
  closedAt: '2026-01-01T00:00:00.000Z',
  rollingBack: false,
  plan: planFor({ deployId: 'd-lost' }),
};

test('a rollback that is stuck pages, posts to #incidents every 15 min, and goes on by retry', async () => {
  let [broken, served] = [true, newSha];
  const pages: string[] = [];
  const { activities, calls } = fakeActivities(Date.now, {
    findLost: async () => [lost],
    inspectHosts: async () => [hostState('deploy@one:22', served)],
    rollBackHost: async ({ host }) => {
      if (broken) throw ApplicationFailure.nonRetryable('no route', failures.rejectedByPlatform);
      served = oldSha;
      return hostState(host.name, served);
    },
    page: async ({ title, priority }) => {
      pages.push(`${priority}: ${title}`);
      return { reached: ['webhook'], failed: [] };
    },
  });
  const { taskQueue, runUntil } = await warmWorker(env, code, activities);
  const { workflow } = env.client;
  await runUntil(async () => {
    await freeClock(env);
    const workflowId = 'deploy/gateway/production';
    const handle = await workflow.start(recover, {
      args: [{ deployId: 'd-lost' }],
      taskQueue,
      workflowId,
    });
    await env.sleep('40 minutes');
    broken = false;
    await handle.signal(retry);
    expect(await handle.result()).toMatchObject({ outcome: 'rolled-back', touched: true });
    await workflow.getHandle('aftermath/d-lost').result();
  });
  expect(pages).toEqual([
    'urgent: gateway production is stuck during the rollback',
    'high: gateway production was terminated: rolled back, proven on every host',
  ]);
  const told = new Set(calls.filter((call) => call.startsWith('notify stuck/')));
  expect(told.size).toBeGreaterThanOrEqual(3);
});
