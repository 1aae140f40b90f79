import { Client, Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { inject } from 'vitest';
import type { Page, PlainActivities } from '../../../domain/contract/activities.ts';
import { timing } from '../../../domain/deploy/timing.ts';
import { startDevServer } from '../../../worker/engine/dev-server.ts';
import { createTemporalSession } from '../../../worker/session/temporal-session.ts';
import { decide } from '../../../workflows/messages.ts';
import { planFor } from '../../support/plan.ts';
import { fakeDeploys, until } from '../../support/real-server.ts';
import type { Handle } from '../../support/real-server.ts';
import { bundle, decision } from '../../support/saga.ts';
import { endingWarmWorker } from '../../support/warm-worker.ts';

/** Starts the server of `plimsoll up`, with the limit `mostSignals` instead of 10,000 signals. */
export async function floodPlace(mostSignals: number) {
  const settings = [`history.maximumSignalsPerExecution=${mostSignals}`];
  const [code, server] = await Promise.all([
    bundle(),
    startDevServer({ binary: inject('temporalBinary'), settings }),
  ]);
  const { address } = server;
  const env = endingWarmWorker(await TestWorkflowEnvironment.createFromExistingServer({ address }));
  const close = async () => {
    await env.teardown();
    await server.stop();
  };
  return { code, env, address, close };
}

/** A deploy whose watch cannot judge, so it asks people whether the release stays. */
export const undecided = (change: Partial<PlainActivities> = {}) => {
  const pages: Page[] = [];
  const { activities, calls, notes } = fakeDeploys({
    planDeploy: async () =>
      planFor({
        ...{ plannedAt: new Date().toISOString(), notAfter: '2036-01-01T00:00:00.000Z' },
        timing: { ...timing(1000), expireMs: 600_000, rollbackGiveUpMs: 600_000 },
      }),
    takeSamples: async () => [],
    page: async (page) => {
      pages.push(page);
      return { reached: ['webhook'], failed: [] };
    },
    ...change,
  });
  return { activities, calls, notes, pages };
};

export const live = async (handle: Handle) => {
  await until(handle, ({ phase }) => phase === 'approval');
  await handle.signal(decide, decision('bob', 'approve'));
  await until(handle, ({ phase }) => phase === 'decision');
};

/** Sends signals until one is refused, at most `count`. Returns the error of the refused signal. */
export async function flood(handle: Handle, count: number, bytes: number): Promise<Error | null> {
  const text = 'x'.repeat(bytes);
  for (let sent = 0; sent < count; sent += 1) {
    const refused = await handle.signal('anything', text).then(
      () => null,
      (cause: Error) => cause,
    );
    if (refused) return refused;
  }
  return null;
}

export const rolledBack = (calls: readonly string[]) =>
  calls.filter((call) => /roll ?back/i.test(call));

export const sessionAt = async (address: string, handle: Handle) => {
  const connection = await Connection.connect({ address });
  const session = createTemporalSession({
    client: new Client({ connection }),
    ...{ address, statusMs: 2_000 },
  });
  const environment = handle.workflowId.split('/').at(-1) ?? '';
  const run = { place: { project: 'gateway', environment }, runId: handle.firstExecutionRunId };
  return { session, run: run as Parameters<typeof session.order>[0], connection };
};
