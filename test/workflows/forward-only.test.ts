import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { PlainActivities, Page } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { DeployReport, DeployStatus, Phase, Plan, Ruling } from '../../domain/deploy/plan.ts';
import type { SignedDecision } from '../../domain/config/config.ts';
import { abort, decide, rollback } from '../../workflows/messages.ts';
import { planFor } from '../support/plan.ts';
import { approveAtOnce, bundle, decision, runDeploy, timeSkipping } from '../support/saga.ts';
import type { Handle } from '../support/saga.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

const hour = 3_600_000;
const files = 'supabase/migrations/1.sql';
const crossed = `schema migrations that are not declared backward-compatible (${files})`;
const report = (result: PromiseSettledResult<unknown>) =>
  (result as PromiseFulfilledResult<DeployReport>).value;
const status = (handle: Handle) => handle.query<DeployStatus>('status');

async function inPhase(handle: Handle, phase: Phase) {
  await expect.poll(async () => (await status(handle)).phase, { timeout: 20_000 }).toBe(phase);
}

type Recorded = { pages: Page[]; rows: { kind: string; body: Record<string, unknown> }[] };

/**
 * Deploys a release that has a migration and fails the smoke test. Records the pages and the ledger
 * entries.
 */
async function fails(
  then: (handle: Handle) => Promise<unknown>,
  changes: Partial<PlainActivities> = {},
  planned: Partial<Plan> = {},
) {
  const seen: Recorded = { pages: [], rows: [] };
  const { result, calls } = await runDeploy(
    env,
    code,
    {
      planDeploy: async () => {
        const now = await env.currentTimeMs();
        const notAfter = new Date(now + 2 * hour).toISOString();
        return planFor({ forwardOnly: files, notAfter, ...planned });
      },
      runSmoke: async () => ({
        ok: false,
        checks: [{ path: 'core', outcome: 'failed', detail: '/ answered 500' }],
      }),
      page: async (page) => {
        seen.pages.push(page);
        return { reached: ['webhook'], failed: [] };
      },
      append: async ({ kind, body }) => void seen.rows.push({ kind, body }),
      ...changes,
    },
    async (running) => {
      await approveAtOnce(running);
      await then(running);
    },
  );
  const story = calls.filter((call) => /^(switch|rollback|revert|rule)/.test(call));
  const closed = seen.rows.filter(({ kind }) => kind === 'closed').map(({ body }) => body);
  return { report: report(result), story, closed, ...seen };
}

describe('a release across a schema that fails', () => {
  test('stays as it is, pages a person, and is rolled back when that is signed', async () => {
    let waiting: DeployStatus | null = null;
    const ended = await fails(async (running) => {
      await inPhase(running, 'awaiting-rollback-approval');
      waiting = await status(running);
      await running.signal(decide, decision('bob', 'reject'));
    });
    expect(waiting).toMatchObject({
      liveNow: 'bbbbbbb, FAILED, on every host that it reached',
      waitingFor:
        `an approver: the rollback crosses ${crossed}; after 24 h without an answer, the ` +
        'release stays live',
      doThis:
        'check the database; to fix forward: plimsoll keep gateway production, then deploy the ' +
        'fix; to roll back: plimsoll reject gateway production (signed)',
    });
    expect(ended.pages[0]).toMatchObject({
      title: 'gateway production FAILED and waits for a signed decision',
      priority: 'urgent',
      text:
        'gateway production FAILED and is not rolled back automatically: core: / answered 500\n' +
        `The release contains ${crossed}.\n` +
        'Live now: bbbbbbb, FAILED, on every host that it reached. Waiting for an approver: ' +
        `the rollback crosses ${crossed}; after 24 h without an answer, the release stays live\n` +
        'check the database; to fix forward: plimsoll keep gateway production, then deploy the ' +
        'fix; to roll back: plimsoll reject gateway production (signed)',
    });
    expect(ended.report).toMatchObject({
      outcome: 'rolled-back',
      reasons: ['core: / answered 500'],
    });
    expect(ended.story).toEqual([
      'rule on approve by bob',
      'switch deploy@one:22 to b',
      'rule on reject by bob',
      'rollback deploy@one:22 to a',
      'revert main',
    ]);
  });

  test('stays, unproven, when that is signed; nothing is rolled back', async () => {
    const ended = await fails(async (running) => {
      await inPhase(running, 'awaiting-rollback-approval');
      await running.signal(decide, decision('bob', 'approve'));
    });
    expect(ended.report).toMatchObject({
      outcome: 'unproven',
      reasons: ['core: / answered 500'],
    });
    expect(ended.story.filter((call) => /^(rollback|revert)/.test(call))).toEqual([]);
    expect(ended.closed).toMatchObject([{ outcome: 'unproven' }]);
  });

  test('abort ends the question: frozen, with an incident, nothing reverted or quarantined', async () => {
    const ended = await fails(async (running) => {
      await inPhase(running, 'awaiting-rollback-approval');
      await running.signal(abort);
    });
    expect(ended.report).toMatchObject({ outcome: 'rollback-not-approved', touched: true });
    expect(ended.pages.filter(({ step }) => step.startsWith('rollback-approval/'))).toHaveLength(1);
    expect(ended.story.filter((call) => /^(rollback|revert)/.test(call))).toEqual([]);
    expect(ended.closed).toMatchObject([
      { outcome: 'rollback-not-approved', reasons: ['core: / answered 500'], sha: planFor().sha },
    ]);
    expect(ended.rows.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['incident', 'revert']),
    );
    expect(ended.rows.find(({ kind }) => kind === 'revert')?.body).toMatchObject({
      note: 'not reverted: the release is still live',
    });
    expect(ended.rows.map(({ kind }) => kind)).not.toContain('quarantine');
  });

  test('a decision that nobody could rule on ends nothing: it is sent again', async () => {
    let tries = 0;
    const ruleOnDecision: PlainActivities['ruleOnDecision'] = async ({ sealed, signed }) => {
      const { decision: it } = signed as SignedDecision;
      tries += 1;
      if (tries === 2) throw ApplicationFailure.nonRetryable('disk full', failures.unavailable);
      const { approver, nonce } = it;
      const at = sealed.plan.plannedAt;
      const why = 'a signature that counts';
      return { verdict: 'counted', decision: it.decision, approver, why, nonce, at, touch: false };
    };
    let unheard: Ruling | undefined;
    const ended = await fails(
      async (running) => {
        await inPhase(running, 'awaiting-rollback-approval');
        await running.signal(decide, decision('bob', 'reject'));
        await expect
          .poll(async () => (unheard = (await status(running)).rulings[1]), { timeout: 20_000 })
          .toBeDefined();
        expect((await status(running)).phase).toBe('awaiting-rollback-approval');
        await running.signal(decide, decision('bob', 'reject'));
      },
      { ruleOnDecision },
    );
    expect(unheard).toMatchObject({
      verdict: 'void',
      decision: 'reject',
      approver: 'bob',
      why: 'send the decision again, because it could not be judged: disk full',
    });
    expect(ended.report.outcome).toBe('rolled-back');
  });

  test('nobody answers: paged every half hour, frozen after a day', async () => {
    const from = await env.currentTimeMs();
    const ended = await fails(async () => {});
    expect(ended.report.outcome).toBe('rollback-not-approved');
    expect((await env.currentTimeMs()) - from).toBeGreaterThanOrEqual(24 * hour);
    const called = ended.pages.filter(({ step }) => step.startsWith('rollback-approval/'));
    expect(called.length).toBeGreaterThanOrEqual(46);
    expect(new Set(called.map(({ step }) => step)).size).toBe(called.length);
    expect(ended.story.filter((call) => call.startsWith('rollback'))).toEqual([]);
  });

  test('with a declared schema nobody is asked', async () => {
    const { forwardOnly: _, ...plain } = planFor();
    const planDeploy: PlainActivities['planDeploy'] = async () => {
      const notAfter = new Date((await env.currentTimeMs()) + 2 * hour).toISOString();
      return { ...plain, notAfter };
    };
    const ended = await fails(async () => {}, { planDeploy });
    expect(ended.report.outcome).toBe('rolled-back');
  });
});

test('an order to roll back stops it; only the signature rolls it back', async () => {
  let endSamples = () => {};
  const takeSamples: PlainActivities['takeSamples'] = () =>
    new Promise<never>((_, reject) => {
      endSamples = () => reject(ApplicationFailure.nonRetryable('over', failures.unavailable));
    });
  const runSmoke: PlainActivities['runSmoke'] = async () => ({ ok: true, checks: [] });
  const ended = await fails(
    async (running) => {
      await inPhase(running, 'watch');
      await running.signal(rollback);
      await inPhase(running, 'awaiting-rollback-approval');
      await running.signal(rollback);
      await running.signal(decide, decision('bob', 'reject'));
      endSamples();
    },
    { runSmoke, takeSamples },
  );
  expect(ended.report).toMatchObject({
    outcome: 'rolled-back',
    reasons: ['a person sent rollback'],
  });
  expect(ended.story.slice(-2)).toEqual(['rule on reject by bob', 'rollback deploy@one:22 to a']);
});

test('a rejection of an inconclusive watch is that signature already', async () => {
  const takeSamples: PlainActivities['takeSamples'] = async ({ endsAt }) => {
    await env.sleep(Math.max(1, endsAt - (await env.currentTimeMs())));
    return [{ at: 0, probe: null, log: null }];
  };
  const runSmoke: PlainActivities['runSmoke'] = async () => ({ ok: true, checks: [] });
  const ended = await fails(
    async (running) => {
      while ((await status(running)).phase !== 'decision') await env.sleep(60_000);
      expect((await status(running)).doThis).toContain('bad: plimsoll reject');
      await running.signal(decide, decision('bob', 'reject'));
    },
    { runSmoke, takeSamples },
  );
  expect(ended.report.outcome).toBe('rolled-back');
  expect(ended.pages.filter(({ step }) => step.startsWith('rollback-approval/'))).toEqual([]);
});
