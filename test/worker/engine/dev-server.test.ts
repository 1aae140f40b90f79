import { get } from 'node:http';
import { json } from 'node:stream/consumers';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterEach, expect, inject, test } from 'vitest';
import { startDevServer } from '../../../worker/engine/dev-server.ts';
import type { DevServer, DevServerOptions } from '../../../worker/engine/dev-server.ts';
import { searchAttributeNames } from '../../../worker/search-attributes.ts';
import { fakeCommand, temporary } from '../../bin/fake-command.ts';
import { isAlive, until } from './processes.ts';

const running: DevServer[] = [];
const start = async (options: DevServerOptions = {}) => {
  const server = await startDevServer({ binary: inject('temporalBinary'), ...options });
  running.push(server);
  return server;
};
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

/**
 * Requests exactly this path. The Web UI requests a path that ends with "?". `fetch` would remove
 * this "?".
 */
const settingsAt = (uiUrl: string, path: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: new URL(uiUrl).port, path }, (answer) =>
      resolve(json(answer)),
    ).once('error', reject);
  });

const portOf = (address: string) => Number(address.split(':')[1]);

test('it answers, knows our search attributes, and its Web UI offers no Terminate and no Reset', async () => {
  const { address, uiUrl } = await start();
  const custom = await withClient(address, async ({ connection }) => {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace: 'default',
    });
    return Object.keys(customAttributes);
  });
  expect(custom).toEqual(expect.arrayContaining([...searchAttributeNames]));
  for (const path of ['/api/v1/settings', '/api/v1/settings?', '/api/v1/settings?any=1'])
    expect(await settingsAt(uiUrl, path)).toMatchObject({
      WorkflowTerminateDisabled: true,
      WorkflowResetDisabled: true,
      BatchActionsDisabled: true,
      StartWorkflowDisabled: true,
      WorkflowCancelDisabled: false,
      WorkflowSignalDisabled: false,
    });
  const page = await fetch(`${uiUrl}/namespaces/default/workflows`);
  expect([page.status, (await page.text()).includes('<html')]).toEqual([200, true]);
});

test('killed outright and started again on the same file and port it knows its workflows', async () => {
  const dataFile = join(temporary('data'), 'deep', 'temporal.db');
  const first = await start({ dataFile });
  await withClient(first.address, ({ workflow }) =>
    workflow.start('nobody', { taskQueue: 'nowhere', workflowId: 'survivor' }),
  );
  process.kill(first.pid, 'SIGKILL');
  expect(await first.exited).toBe(null);
  const ports = { port: portOf(first.address), uiPort: Number(new URL(first.uiUrl).port) };
  const lines: string[] = [];
  const second = await start({ dataFile, ...ports, onProgress: (line) => void lines.push(line) });
  expect([second.address, second.uiUrl, lines]).toEqual([first.address, first.uiUrl, []]);
  const status = await withClient(second.address, async ({ workflow }) => {
    const { status: found } = await workflow.getHandle('survivor').describe();
    return found.name;
  });
  expect(status).toBe('RUNNING');
});

test('a busy port is replaced by another one, and one line says so', async () => {
  const busy = createServer().listen(0, '127.0.0.1');
  await once(busy, 'listening');
  const { port } = busy.address() as AddressInfo;
  const lines: string[] = [];
  const { address } = await start({ port, onProgress: (line) => void lines.push(line) });
  busy.close();
  expect(lines).toEqual([
    `Port ${port} is in use, so the Temporal server uses port ${portOf(address)}.`,
  ]);
});

test('stop leaves no process', async () => {
  const server = await start();
  await server.stop();
  await until(() => !isAlive(server.pid), 2000);
  await expect(fetch(server.uiUrl)).rejects.toThrow('fetch failed');
});

test('a server that does not start says why, with the end of its log', async () => {
  const fake = fakeCommand(temporary('fake'), 'temporal', 'echo "Error: disk is full" >&2; exit 1');
  const binary = join(fake, 'temporal');
  await expect(startDevServer({ binary })).rejects.toMatchObject({
    name: 'UserError',
    message: `The Temporal server did not start: it ended with exit code 1.
  Error: disk is full
To see more, start the server by hand: ${binary} server start-dev`,
  });
});

test('no profile or address of the user reaches it', async () => {
  const script = 'echo "address ${TEMPORAL_ADDRESS-none}, key ${TEMPORAL_API_KEY-none}"; exit 1';
  const fake = fakeCommand(temporary('fake'), 'temporal', script);
  process.env.TEMPORAL_ADDRESS = 'prod.example:7233';
  process.env.TEMPORAL_API_KEY = 'secret';
  try {
    const started = startDevServer({ binary: join(fake, 'temporal') });
    await expect(started).rejects.toThrow('  address none, key none\n');
  } finally {
    delete process.env.TEMPORAL_ADDRESS;
    delete process.env.TEMPORAL_API_KEY;
  }
});
