import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { Client, Connection } from '@temporalio/client';
import { startDevServer } from '../../../worker/engine/dev-server.ts';
import type { DevServer } from '../../../worker/engine/dev-server.ts';
import { polledPlaces, schedulePolls } from '../../../worker/schedules/poll.ts';
import { ci, configOf } from '../../support/planning.ts';

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

const config = (place: object, over: object = {}) =>
  configOf({ requests: { as: 'ci', key: ci.path }, ...over }, place);
const schedule = (environment: string) => client.schedule.getHandle(`poll/shop/${environment}`);
const described = async (environment: string) => {
  const { spec, action, policies, state } = await schedule(environment).describe();
  return { every: spec.intervals?.[0]?.every, queue: action.taskQueue, policies, state, action };
};
const gone = (environment: string) =>
  schedule(environment)
    .describe()
    .then(
      () => 'there',
      (cause: Error) => cause.name,
    );

test('every place with deployOn is polled, every 2 minutes unless it says otherwise', () => {
  expect(polledPlaces(config({}))).toEqual([]);
  expect(polledPlaces(config({ deployOn: 'push' }))).toEqual([
    { project: 'shop', environment: 'production', everyMs: 120_000 },
    { project: 'shop', environment: 'staging', everyMs: 120_000 },
  ]);
  const fast = { ...config({ deployOn: 'push', pollMinutes: 1 }), sandbox: true, timeScale: 600 };
  expect(polledPlaces(fast)[0]?.everyMs).toBe(1000);
});

test('a worker that starts makes, changes and removes the schedules', async () => {
  expect(await schedulePolls(client, config({ deployOn: 'push' }), 'first')).toBeNull();
  expect(await described('production')).toMatchObject({
    ...{ every: 120_000, queue: 'first', policies: { overlap: 'SKIP' } },
    action: {
      workflowType: 'poll',
      workflowId: 'poll/shop/production',
      args: [{ project: 'shop', environment: 'production' }],
    },
  });
  await schedule('staging').pause('not now');
  const slower = config({ deployOn: 'push', pollMinutes: 10 });
  expect(await schedulePolls(client, slower, 'second')).toBeNull();
  expect(await described('staging')).toMatchObject({
    ...{ every: 600_000, queue: 'second', state: { paused: true, note: 'not now' } },
  });
  expect(await schedulePolls(client, config({}), 'third')).toBeNull();
  expect([await gone('production'), await gone('staging')]).toEqual([
    'ScheduleNotFoundError',
    'ScheduleNotFoundError',
  ]);
});

test('a place that is not configured any more is polled no more', async () => {
  const { projects, ...rest } = config({ deployOn: 'push' });
  const both = { ...rest, projects: { ...projects, blog: projects['shop']! } };
  await schedulePolls(client, both, 'first');
  const old = client.schedule.getHandle('poll/blog/production');
  expect((await old.describe()).action.taskQueue).toBe('first');
  await expect
    .poll(async () => {
      await schedulePolls(client, { ...rest, projects }, 'first');
      return await old.describe().then(
        () => 'there',
        (cause: Error) => cause.name,
      );
    })
    .toBe('ScheduleNotFoundError');
  expect(await gone('production')).toBe('there');
});

test('a server that accepts no schedule is reported, with what to do', async () => {
  const refuses = {
    schedule: {
      create: async () => Promise.reject(new Error('schedules are disabled')),
    },
  } as unknown as Client;
  expect(await schedulePolls(refuses, config({ deployOn: 'push' }), 'q')).toBe(
    `The server accepted no schedule (schedules are disabled): a push starts no deploy to shop production, shop staging.
Start the worker again, or deploy by hand: plimsoll deploy PROJECT ENVIRONMENT`,
  );
  expect(await schedulePolls(refuses, config({}), 'q')).toBeNull();
});
