import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Activities, Page } from '../../domain/activities.ts';
import { failures } from '../../domain/failures.ts';
import type { DeployReport, DeployStatus, Phase, Plan, Ruling } from '../../domain/plan.ts';
import type { SignedDecision } from '../../domain/schema.ts';
import { abort, decide, rollback } from '../../workflows/messages.ts';
import { planFor } from '../support/plan.ts';
import { approveAtOnce, bundle, decision, sail, timeSkipping } from '../support/saga.ts';
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

type Seen = { pages: Page[]; rows: { kind: string; body: Record<string, unknown> }[] };

/** A release with a migration, which fails its smoke test; what people and the ledger hear of it. */
async function fails(
  then: (handle: Handle) => Promise<unknown>,
  changes: Partial<Activities> = {},
  planned: Partial<Plan> = {},
) {
  const seen: Seen = { pages: [], rows: [] };
  const { result, calls } = await sail(
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
  const story = calls.filter((call) => /^(switch|restore|revert|rule)/.test(call));
  const closed = seen.rows.filter(({ kind }) => kind === 'closed').map(({ body }) => body);
  return { report: report(result), story, closed, ...seen };
}

describe('a release across a schema that fails', () => {
  test('stays as it is, calls a person, and goes back once that is signed', async () => {
    let frozen: DeployStatus | null = null;
    const ended = await fails(async (running) => {
      await inPhase(running, 'frozen');
      frozen = await status(running);
      await running.signal(decide, decision('bob', 'reject'));
    });
    expect(frozen).toMatchObject({
      liveNow: 'bbbbbbb, FAILED, on whatever it had reached',
      waitingFor: `an approver: going back crosses ${crossed}; asked for 24 h, it stays as it is`,
      doThis:
        'look at the database; mend it forward: npx --no plimsoll keep gateway production, ' +
        'then deploy what mends it; go back: npx --no plimsoll reject gateway production (signed)',
    });
    expect(ended.pages[0]).toMatchObject({
      title: 'gateway production FAILED and waits for you: sign what happens',
      priority: 'urgent',
      text:
        'gateway production FAILED and is not taken back by itself: core: / answered 500\n' +
        `It brings ${crossed}.\n` +
        'Live now: bbbbbbb, FAILED, on whatever it had reached. ' +
        `Waiting for an approver: going back crosses ${crossed}; asked for 24 h, it stays as it is\n` +
        'look at the database; mend it forward: npx --no plimsoll keep gateway production, ' +
        'then deploy what mends it; go back: npx --no plimsoll reject gateway production (signed)',
    });
    expect(ended.report).toMatchObject({
      outcome: 'rolled-back',
      reasons: ['core: / answered 500'],
    });
    expect(ended.story).toEqual([
      'rule on approve by bob',
      'switch deploy@one:22 to b',
      'rule on reject by bob',
      'restore deploy@one:22 to a',
      'revert main',
    ]);
  });

  test('stays, unproven, once that is signed; nothing is taken back', async () => {
    const ended = await fails(async (running) => {
      await inPhase(running, 'frozen');
      await running.signal(decide, decision('bob', 'approve'));
    });
    expect(ended.report).toMatchObject({
      outcome: 'unproven',
      reasons: ['core: / answered 500'],
    });
    expect(ended.story.filter((call) => /^(restore|revert)/.test(call))).toEqual([]);
    expect(ended.closed).toMatchObject([{ outcome: 'unproven' }]);
  });

  test('abort ends the question: frozen, with an incident, nothing reverted or quarantined', async () => {
    const ended = await fails(async (running) => {
      await inPhase(running, 'frozen');
      await running.signal(abort);
    });
    expect(ended.report).toMatchObject({ outcome: 'frozen', touched: true });
    expect(ended.pages.filter(({ step }) => step.startsWith('frozen/'))).toHaveLength(1);
    expect(ended.story.filter((call) => /^(restore|revert)/.test(call))).toEqual([]);
    expect(ended.closed).toMatchObject([
      { outcome: 'frozen', reasons: ['core: / answered 500'], sha: planFor().sha },
    ]);
    expect(ended.rows.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['incident', 'revert']),
    );
    expect(ended.rows.find(({ kind }) => kind === 'revert')?.body).toMatchObject({
      note: 'not reverted: production serves it still',
    });
    expect(ended.rows.map(({ kind }) => kind)).not.toContain('quarantine');
  });

  test('a decision that nobody could rule on ends nothing: it is sent again', async () => {
    let tries = 0;
    const ruleOnDecision: Activities['ruleOnDecision'] = async ({ sealed, signed }) => {
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
        await inPhase(running, 'frozen');
        await running.signal(decide, decision('bob', 'reject'));
        await expect
          .poll(async () => (unheard = (await status(running)).rulings[1]), { timeout: 20_000 })
          .toBeDefined();
        expect((await status(running)).phase).toBe('frozen');
        await running.signal(decide, decision('bob', 'reject'));
      },
      { ruleOnDecision },
    );
    expect(unheard).toMatchObject({
      verdict: 'void',
      decision: 'reject',
      approver: 'bob',
      why: 'it could not be ruled on, send it again: disk full',
    });
    expect(ended.report.outcome).toBe('rolled-back');
  });

  test('nobody answers: called every half hour, frozen after a day', async () => {
    const from = await env.currentTimeMs();
    const ended = await fails(async () => {});
    expect(ended.report.outcome).toBe('frozen');
    expect((await env.currentTimeMs()) - from).toBeGreaterThanOrEqual(24 * hour);
    const called = ended.pages.filter(({ step }) => step.startsWith('frozen/'));
    expect(called.length).toBeGreaterThanOrEqual(46);
    expect(new Set(called.map(({ step }) => step)).size).toBe(called.length);
    expect(ended.story.filter((call) => call.startsWith('restore'))).toEqual([]);
  });

  test('with a declared schema nobody is asked', async () => {
    const { forwardOnly: _, ...plain } = planFor();
    const planDeploy: Activities['planDeploy'] = async () => {
      const notAfter = new Date((await env.currentTimeMs()) + 2 * hour).toISOString();
      return { ...plain, notAfter };
    };
    const ended = await fails(async () => {}, { planDeploy });
    expect(ended.report.outcome).toBe('rolled-back');
  });
});

test('an order to go back stops it; only the signature takes it back', async () => {
  let endLooks = () => {};
  const takeLooks: Activities['takeLooks'] = () =>
    new Promise<never>((_, reject) => {
      endLooks = () => reject(ApplicationFailure.nonRetryable('over', failures.unavailable));
    });
  const runSmoke: Activities['runSmoke'] = async () => ({ ok: true, checks: [] });
  const ended = await fails(
    async (running) => {
      await inPhase(running, 'watch');
      await running.signal(rollback);
      await inPhase(running, 'frozen');
      await running.signal(rollback);
      await running.signal(decide, decision('bob', 'reject'));
      endLooks();
    },
    { runSmoke, takeLooks },
  );
  expect(ended.report).toMatchObject({
    outcome: 'rolled-back',
    reasons: ['a person sent rollback'],
  });
  expect(ended.story.slice(-2)).toEqual(['rule on reject by bob', 'restore deploy@one:22 to a']);
});

test('a no to the watch that could not tell is that signature already', async () => {
  const takeLooks: Activities['takeLooks'] = async ({ endsAt }) => {
    await env.sleep(Math.max(1, endsAt - (await env.currentTimeMs())));
    return [{ at: 0, probe: null, log: null }];
  };
  const runSmoke: Activities['runSmoke'] = async () => ({ ok: true, checks: [] });
  const ended = await fails(
    async (running) => {
      while ((await status(running)).phase !== 'ask') await env.sleep(60_000);
      expect((await status(running)).doThis).toContain('bad: npx --no plimsoll reject');
      await running.signal(decide, decision('bob', 'reject'));
    },
    { runSmoke, takeLooks },
  );
  expect(ended.report.outcome).toBe('rolled-back');
  expect(ended.pages.filter(({ step }) => step.startsWith('frozen/'))).toEqual([]);
});
