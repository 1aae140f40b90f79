import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { Budget } from '../../../domain/config/budget.ts';
import { scheduleBudget } from '../../../worker/schedules/budget.ts';
import { startDevServer } from '../../../worker/engine/dev-server.ts';
import type { DevServer } from '../../../worker/engine/dev-server.ts';
import { configOf } from '../../support/planning.ts';

let server: DevServer;
let client: Client;
beforeAll(async () => {
  server = await startDevServer({ binary: inject('temporalBinary') });
  client = new Client({ connection: await Connection.connect({ address: server.address }) });
});
afterAll(async () => {
  await client?.connection.close();
  await server?.stop();
});

const withBudget = { ...configOf(), budget: Budget.parse({}) };
const handle = () => client.schedule.getHandle('budget');

test('where there is a budget; the worker that started last decides', async () => {
  expect(await scheduleBudget(client, configOf(), 'none')).toBeNull();
  expect(await scheduleBudget(client, withBudget, 'first')).toBeNull();
  expect(await handle().describe()).toMatchObject({
    spec: { intervals: [{ every: 300_000 }] },
    action: { workflowType: 'budget', taskQueue: 'first', args: [{ notify: true, channel: null }] },
  });
  await scheduleBudget(client, withBudget, 'second');
  expect(await handle().describe()).toMatchObject({ action: { taskQueue: 'second' } });
  expect(await scheduleBudget(client, configOf(), 'third')).toBeNull();
  await expect(handle().describe()).rejects.toMatchObject({ name: 'ScheduleNotFoundError' });
});

test('a server that accepts no schedule is reported, with what to do', async () => {
  const refuses = {
    schedule: { create: async () => Promise.reject(new Error('schedules are disabled')) },
  } as unknown as Client;
  expect(await scheduleBudget(refuses, withBudget, 'q')).toBe(
    'The server accepted no schedule (schedules are disabled): nobody is notified about spending.\n' +
      'The budget gate still works. Start the worker again, or check the budget yourself: plimsoll budget',
  );
});
