import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { Client, Connection } from '@temporalio/client';
import { startDevServer } from '../../worker/engine/dev-server.ts';
import type { DevServer } from '../../worker/engine/dev-server.ts';
import { scheduleSentinel, watchedPlaces } from '../../worker/sentinel-schedule.ts';
import { configOf } from '../support/planning.ts';

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

const both = [
  { project: 'shop', environment: 'production' },
  { project: 'shop', environment: 'staging' },
];
const handle = () => client.schedule.getHandle('sentinel');

test('every place is watched unless it says otherwise', () => {
  expect(watchedPlaces(configOf())).toEqual(both);
  expect(watchedPlaces(configOf({}, { sentinel: 'off' }))).toEqual([]);
});

test('the worker that started last decides; a pause stays; none where nothing is watched', async () => {
  expect(await scheduleSentinel(client, configOf(), 'first')).toBeNull();
  expect(await handle().describe()).toMatchObject({
    spec: { intervals: [{ every: 300_000 }] },
    policies: { overlap: 'SKIP' },
    state: { paused: false },
    action: {
      ...{ workflowType: 'sentinel', workflowId: 'sentinel', taskQueue: 'first' },
      args: [{ places: both, channel: null }],
    },
  });
  await handle().pause('not now');
  await scheduleSentinel(client, configOf(), 'second');
  expect(await handle().describe()).toMatchObject({
    ...{ action: { taskQueue: 'second' }, state: { paused: true, note: 'not now' } },
  });
  expect(await scheduleSentinel(client, configOf({}, { sentinel: 'off' }), 'third')).toBeNull();
  await expect(handle().describe()).rejects.toMatchObject({ name: 'ScheduleNotFoundError' });
});

test('in a sandbox it is there, and paused', async () => {
  await scheduleSentinel(client, { ...configOf(), sandbox: true }, 'q');
  expect(await handle().describe()).toMatchObject({
    state: { paused: true, note: 'a sandbox: trigger it by hand' },
  });
});

test('a server that takes no schedule is told, with what to do', async () => {
  const refuses = {
    schedule: { create: async () => Promise.reject(new Error('schedules are disabled')) },
  } as unknown as Client;
  expect(await scheduleSentinel(refuses, configOf(), 'q')).toBe(
    `The server took no schedule (schedules are disabled): what is made live past Plimsoll goes unnoticed.
Start the worker again; until then, compare what is served yourself now and then.`,
  );
});
