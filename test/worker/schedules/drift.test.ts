import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { Client, Connection } from '@temporalio/client';
import { startDevServer } from '../../../worker/engine/dev-server.ts';
import type { DevServer } from '../../../worker/engine/dev-server.ts';
import { scheduleDrift, watchedPlaces } from '../../../worker/schedules/drift.ts';
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

const both = [
  { project: 'shop', environment: 'production' },
  { project: 'shop', environment: 'staging' },
];
const handle = () => client.schedule.getHandle('drift');

test('every place is watched unless it says otherwise', () => {
  expect(watchedPlaces(configOf())).toEqual(both);
  expect(watchedPlaces(configOf({}, { drift: 'off' }))).toEqual([]);
});

test('the worker that started last decides; a pause stays; none where nothing is watched', async () => {
  expect(await scheduleDrift(client, configOf(), 'first')).toBeNull();
  expect(await handle().describe()).toMatchObject({
    spec: { intervals: [{ every: 240_000 }] },
    policies: { overlap: 'SKIP' },
    state: { paused: false },
    action: {
      ...{ workflowType: 'drift', workflowId: 'drift', taskQueue: 'first' },
      args: [{ places: both, channel: null }],
    },
  });
  await handle().pause('not now');
  await scheduleDrift(client, configOf(), 'second');
  expect(await handle().describe()).toMatchObject({
    ...{ action: { taskQueue: 'second' }, state: { paused: true, note: 'not now' } },
  });
  expect(await scheduleDrift(client, configOf({}, { drift: 'off' }), 'third')).toBeNull();
  await expect(handle().describe()).rejects.toMatchObject({ name: 'ScheduleNotFoundError' });
});

test('in a sandbox it is there, and paused', async () => {
  await scheduleDrift(client, { ...configOf(), sandbox: true }, 'q');
  expect(await handle().describe()).toMatchObject({
    state: { paused: true, note: 'paused in a sandbox; trigger the schedule by hand' },
  });
});

test('a server that accepts no schedule is reported, with what to do', async () => {
  const refuses = {
    schedule: { create: async () => Promise.reject(new Error('schedules are disabled')) },
  } as unknown as Client;
  expect(await scheduleDrift(refuses, configOf(), 'q')).toBe(
    `The server accepted no schedule (schedules are disabled): a release that was made live without Plimsoll is not noticed.
Start the worker again. Until then, check from time to time which release is live.`,
  );
});
