import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import type { PlainActivities } from '../../domain/contract/activities.ts';
import { uncheckedGate } from '../../domain/messages/unchecked-gate.ts';
import type { DeployReport } from '../../domain/deploy/plan.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { abort, decide, retry, rollback } from '../../workflows/messages.ts';
import { openGate, planFor } from '../support/plan.ts';
import { approveAtOnce, bundle, decision, runDeploy, timeSkipping } from '../support/saga.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

const report = (result: PromiseSettledResult<unknown>) =>
  (result as PromiseFulfilledResult<DeployReport>).value;
/** The failure after the last retry. Real retries would only make the test slow. */
const exhausted = (why: string) => ApplicationFailure.nonRetryable(why, failures.unavailable);
/** Samples that last 3 s and then fail, so that the watch is still running when the test acts. */
const endlessSamples = () =>
  new Promise<never>((_, reject) => setTimeout(() => reject(exhausted('over')), 3_000));
const effects = (calls: string[]) =>
  calls.filter((call) => /^(stage|switch|restart|verify|rollback|smoke|revert|record)/.test(call));

test('a good release passes every phase from plan to settle, in order', async () => {
  const { result, calls } = await runDeploy(env, code);
  expect(report(result)).toMatchObject({ outcome: 'succeeded', touched: true, reasons: [] });
  expect(effects(calls)).toEqual([
    'verify the approvals',
    'record released',
    'stage deploy@one:22',
    'verify the approvals',
    'switch deploy@one:22 to b',
    'restart deploy@one:22',
    'verify deploy@one:22',
    'smoke',
    'record closed',
  ]);
  expect(calls.filter((call) => call === 'looks')).toHaveLength(6);
});

test('every closed gate is reported and nothing is touched', async () => {
  const closed = (gate: 'tests' | 'secrets') => async () => ({
    ...openGate(gate, new Date().toISOString()),
    open: false,
    reasons: [`${gate} say no`],
  });
  const changes = { checkTests: closed('tests'), checkSecrets: closed('secrets') };
  const { result, calls } = await runDeploy(env, code, changes, async () => {});
  expect(report(result)).toMatchObject({
    outcome: 'gate-closed',
    touched: false,
    reasons: ['tests: tests say no', 'secrets: secrets say no'],
  });
  expect(effects(calls)).toEqual(['record closed']);
});

test('a gate that cannot be checked is closed', async () => {
  const checkTests = async () => {
    throw ApplicationFailure.nonRetryable('GitHub said 401', failures.misconfigured);
  };
  const { result } = await runDeploy(env, code, { checkTests }, async () => {});
  expect(report(result).reasons).toEqual([`tests: ${uncheckedGate('GitHub said 401')}`]);
});

test('the audit is asked where the project configures one, and nowhere else', async () => {
  let asked = 0;
  const checkAudit = async () => {
    asked += 1;
    return { ...openGate('audit', new Date().toISOString()), open: false, reasons: ['GHSA-1'] };
  };
  const without = await runDeploy(env, code, { checkAudit });
  expect([report(without.result).outcome, asked]).toEqual(['succeeded', 0]);
  const planDeploy = async () => ({ ...planFor(), audit: true as const });
  const { result } = await runDeploy(env, code, { checkAudit, planDeploy }, async () => {});
  expect(report(result)).toMatchObject({ outcome: 'gate-closed', reasons: ['audit: GHSA-1'] });
});

test('a rejection closes the deploy untouched', async () => {
  const { result, calls } = await runDeploy(env, code, {}, (handle) =>
    handle.signal(decide, decision('bob', 'reject')),
  );
  expect(report(result)).toMatchObject({ outcome: 'rejected', touched: false });
  expect(effects(calls)).toEqual(['record closed']);
});

test('no answer: reminded at 30 min, closed as expired at 2 h', async () => {
  const { result, calls } = await runDeploy(env, code, {}, async () => {});
  expect(report(result)).toMatchObject({ outcome: 'expired', touched: false });
  expect(calls.filter((call) => call === 'remind')).toHaveLength(3);
});

test('only those who have not answered are reminded', async () => {
  const asked: unknown[] = [];
  const planDeploy: PlainActivities['planDeploy'] = async () => {
    const plan = planFor();
    const rule = { ...plan.rule, required: 2 as const, eligible: ['bob', 'carol'] };
    const now = await env.currentTimeMs();
    return { ...plan, rule, notAfter: new Date(now + plan.timing.expireMs).toISOString() };
  };
  const askApprovers: PlainActivities['askApprovers'] = async ({ reminder, to }) => {
    asked.push(reminder ? to : 'everybody');
    return true;
  };
  const { result } = await runDeploy(env, code, { planDeploy, askApprovers }, async (handle) => {
    await env.sleep('40 minutes');
    await approveAtOnce(handle);
  });
  expect(report(result)).toMatchObject({ outcome: 'expired' });
  expect(asked).toEqual(['everybody', ['bob', 'carol'], ['carol'], ['carol']]);
});

test('a release that never becomes healthy is rolled back and main is reverted', async () => {
  const verifyHost = async () => {
    throw ApplicationFailure.nonRetryable('port 18789 is silent', failures.unhealthyRelease);
  };
  const { result, calls, served } = await runDeploy(env, code, { verifyHost });
  expect(report(result)).toMatchObject({
    outcome: 'rolled-back',
    reasons: ['port 18789 is silent'],
  });
  expect(calls).toContain('rollback deploy@one:22 to a');
  expect(calls).toContain('revert main');
  expect([...served.values()]).toEqual([planFor().rollbackTarget?.sha]);
});

test('a failed smoke test rolls back', async () => {
  const runSmoke = async () => ({
    ok: false,
    checks: [{ path: 'auth' as const, outcome: 'failed' as const, detail: '500' }],
  });
  const { result, calls } = await runDeploy(env, code, { runSmoke });
  expect(report(result)).toMatchObject({ outcome: 'rolled-back', reasons: ['auth: 500'] });
  expect(calls).toContain('record quarantine');
});

test('four failing samples roll back within their segment', async () => {
  const takeSamples = async () => [0, 1, 2, 3].map((at) => ({ at, probe: 1 as const, log: null }));
  const { result, calls } = await runDeploy(env, code, { takeSamples });
  expect(report(result).outcome).toBe('rolled-back');
  expect(calls).toContain('rollback deploy@one:22 to a');
});

test('a watch without data asks, and after 2 h the release stays as unproven', async () => {
  const takeSamples = async ({ endsAt }: { endsAt: number }) => {
    await env.sleep(Math.max(1, endsAt - (await env.currentTimeMs())));
    return [{ at: 0, probe: null, log: null }];
  };
  const { result, calls } = await runDeploy(env, code, { takeSamples });
  expect(report(result).outcome).toBe('unproven');
  expect(calls).not.toContain('close issues');
});

test('abort before any effect leaves everything untouched', async () => {
  const { result, calls } = await runDeploy(env, code, {}, (handle) => handle.signal(abort));
  expect(report(result)).toMatchObject({ outcome: 'aborted', touched: false });
  expect(effects(calls)).not.toContain('stage deploy@one:22');
});

test('abort in the watch rolls back and leaves main alone', async () => {
  const { result, calls } = await runDeploy(
    env,
    code,
    { takeSamples: endlessSamples },
    async (handle) => {
      await approveAtOnce(handle);
      await inPhase(handle, 'watch');
      await handle.signal(abort);
    },
  );
  expect(report(result)).toMatchObject({
    outcome: 'rolled-back',
    reasons: ['a person sent abort'],
  });
  expect(calls).toContain('rollback deploy@one:22 to a');
  expect(calls).not.toContain('revert main');
});

test('cancel from the Web UI rolls back and stays cancelled', async () => {
  const { result, calls } = await runDeploy(
    env,
    code,
    { takeSamples: endlessSamples },
    async (handle) => {
      await approveAtOnce(handle);
      await inPhase(handle, 'watch');
      await handle.cancel();
    },
  );
  expect(result.status).toBe('rejected');
  expect(calls).toContain('rollback deploy@one:22 to a');
});

test('a step whose retries are exhausted is stuck, and retry goes on', async () => {
  let broken = true;
  const stageRelease = async () => {
    if (broken) throw exhausted('the disk is busy');
    return { staged: 'done' as const };
  };
  const { result } = await runDeploy(env, code, { stageRelease }, async (handle) => {
    await approveAtOnce(handle);
    await stuck(handle);
    broken = false;
    await handle.signal(retry);
  });
  expect(report(result).outcome).toBe('succeeded');
});

test('a stuck switch is rolled back by rollback, without a signature', async () => {
  const switchRelease = async () => {
    throw exhausted('the connection was lost');
  };
  const { result, calls } = await runDeploy(env, code, { switchRelease }, async (handle) => {
    await approveAtOnce(handle);
    await stuck(handle);
    await handle.signal(rollback);
  });
  expect(report(result)).toMatchObject({ outcome: 'rolled-back' });
  expect(calls).toContain('rollback deploy@one:22 to a');
});

test('a rollback that fails is stuck with a page until it is retried', async () => {
  let broken = true;
  const rollBackHost = async () => {
    if (broken) throw ApplicationFailure.nonRetryable('no route', failures.rejectedByPlatform);
    return planFor().live[0]!;
  };
  const runSmoke = async () => ({ ok: false, checks: [] });
  const inspectHosts = async () => planFor().live;
  const changes = { rollBackHost, runSmoke, inspectHosts };
  const { result, calls } = await runDeploy(env, code, changes, async (handle) => {
    await approveAtOnce(handle);
    await stuck(handle);
    broken = false;
    await handle.signal(retry);
  });
  expect(report(result).outcome).toBe('rolled-back');
  expect(calls.some((call) => call.startsWith('notify stuck/'))).toBe(true);
});

describe('a rollback target that fails as well', () => {
  const runSmoke = async () => ({ ok: false, checks: [] });
  const inspectHosts = async () => planFor().live;
  const unhealthy = async () => {
    const what = 'deploy@one:22: the rollback target is not healthy';
    throw ApplicationFailure.nonRetryable(what, failures.unhealthyRollback);
  };
  const problems = ['core on one: https://shop.example/ failed 40 of 40 requests'];
  const proveServed = async () => ({ requests: 160, problems, notChecked: [] });
  const detail =
    'rolled back; still failing: core on one: https://shop.example/ failed 40 of 40 requests. ' +
    'The rollback began because: nothing was checked';

  test('ends the deploy as that, pages once, keeps the branch and quarantines', async () => {
    const changes = { rollBackHost: unhealthy, runSmoke, inspectHosts, proveServed };
    const { result, calls } = await runDeploy(env, code, changes);
    expect(report(result)).toMatchObject({
      outcome: 'rolled-back-still-failing',
      touched: true,
    });
    expect(calls).toContain(
      'page rolled-back-still-failing: gateway production: ROLLED BACK; STILL FAILING',
    );
    expect(calls.filter((call) => call.startsWith('page'))).toHaveLength(1);
    expect(calls.filter((call) => call.startsWith('notify stuck'))).toEqual([]);
    expect(calls).toContain('record incident');
    expect(calls).toContain('record quarantine');
    expect(calls).not.toContain('revert main');
  });

  /** The entry that closes the deploy. */
  async function closing(changes: Partial<PlainActivities>) {
    const reasons: unknown[] = [];
    const append: PlainActivities['append'] = async ({ kind, body }) => {
      if (kind === 'closed') reasons.push(body['outcome'], body['reasons']);
    };
    await runDeploy(env, code, { runSmoke, inspectHosts, append, ...changes });
    return reasons;
  }

  test('names the problems and why the rollback began', async () => {
    expect(await closing({ proveServed })).toEqual(['rolled-back-still-failing', [detail]]);
  });

  test('is also one whose proof could not be made', async () => {
    const down = async () => {
      throw exhausted('the worker has no network');
    };
    expect(await closing({ proveServed: down })).toEqual([
      'rolled-back-still-failing',
      [
        'rolled back; still failing: the rollback could not be proven: the worker has no network. ' +
          'The rollback began because: nothing was checked',
      ],
    ]);
  });
});

test('Slack down for the whole deploy: it succeeds', async () => {
  const down = async () => {
    throw exhausted('Slack is down');
  };
  const { result } = await runDeploy(env, code, { notify: down, askApprovers: down });
  expect(report(result).outcome).toBe('succeeded');
});

test('gates are run again when the approval lands late, and a closed one closes the deploy', async () => {
  let checks = 0;
  const checkTests = async () => {
    checks += 1;
    const checkedAt = new Date(await env.currentTimeMs()).toISOString();
    return { ...openGate('tests', checkedAt), open: checks === 1, reasons: ['flipped'] };
  };
  const { result } = await runDeploy(env, code, { checkTests }, async (handle) => {
    await env.sleep('40 minutes');
    await approveAtOnce(handle);
  });
  expect(report(result)).toMatchObject({ outcome: 'gate-closed', reasons: ['tests: flipped'] });
  expect(checks).toBe(2);
});

async function inPhase(handle: { query: (name: string) => Promise<unknown> }, phase: string) {
  for (let tries = 0; tries < 100; tries += 1) {
    if (((await handle.query('status')) as { phase: string }).phase === phase) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the deploy did not reach the phase ${phase}`);
}

async function stuck(handle: { query: (name: string) => Promise<unknown> }) {
  for (let tries = 0; tries < 100; tries += 1) {
    if (((await handle.query('status')) as { stuck: unknown }).stuck) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the deploy did not become stuck');
}
