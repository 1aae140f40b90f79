import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../../../activities/platforms/cloudflare/api/client.ts';
import { besideWrangler } from '../../../../activities/platforms/cloudflare/find-wrangler.ts';
import { runWrangler } from '../../../../activities/platforms/cloudflare/run-wrangler.ts';
import { checkOut } from '../../../../sandbox/check-out.ts';
import { workers } from '../../../../sandbox/samples/workers.ts';
import { startSandbox } from '../../../../sandbox/sandbox.ts';
import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import type { Truth } from '../../../../sandbox/truth.ts';
import { ask } from './cloudflare-fixture.ts';
import { plainBuilder } from '../../../support/builder.ts';

const [name, other] = ['personal-assistant', 'its-twin'] as const;
const repository = 'acme/workers';
const directory = `workers/${name}`;

let place: string;
let sandbox: Sandbox;
let shas: string[];
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'plimsoll-sandbox-'));
  const origins = [name, other].map((it) => ({ name: it, repository, directory }));
  sandbox = await startSandbox({ directory: place, hosts: [], cloudflare: { origins } });
  shas = await sandbox.git.createRepository(repository, [
    { files: workers.good(name, 1), message: 'First' },
    { files: workers.good(name, 2), message: 'Second' },
  ]);
  await Promise.all([name, other].map((it) => at().seed(it, shas[0] ?? '')));
});
afterAll(async () => {
  await sandbox?.close();
  await rm(place, { recursive: true, force: true });
});

const at = () => {
  if (!sandbox.cloudflare) throw new Error('the sandbox has no Cloudflare stand-in');
  return sandbox.cloudflare;
};
const access = () => ({
  ...{ api: at().api, account: at().account, variable: 'CLOUDFLARE_API_TOKEN' },
  token: sandbox.tokens.cloudflare ?? '',
});
const truth = async () => {
  const answer = await fetch(`${sandbox.control.address}/truth`);
  return ((await answer.json()) as Truth).cloudflare ?? [];
};
const liveOf = async (worker: string) => (await truth()).find((it) => it.worker === worker)?.live;
const effects = () => sandbox.board.effects.map((one) => `${one.service} ${one.operation}`);

async function deploy(sha: string | undefined, tag: string | undefined) {
  const tree = join(place, `tree-${sha}`);
  await checkOut(sandbox.git.repositories.path(repository), sha ?? '', tree);
  return await runWrangler({
    wrangler: await besideWrangler(),
    access: access(),
    upload: { directory: join(tree, directory), readable: [], args: [], builder: plainBuilder },
    args: ['deploy', '--tag', tag ?? '', '--message', 'a test'],
    timeoutMs: 60_000,
  });
}

test('first releases are live by their commit, and are no effect of ours', async () => {
  const [old] = shas;
  expect(effects()).toEqual([]);
  for (const worker of [name, other]) {
    expect(await liveOf(worker)).toMatchObject([{ percentage: 100, tag: old, running: old }]);
    expect(await ask(`${at().url(worker)}/tasks`)).toMatchObject({ status: 200 });
    const { body } = await ask(`${at().url(worker)}/version`);
    expect(JSON.parse(body)).toMatchObject({ tag: old, name: 'good 1' });
  }
  const [mine, its] = [await liveOf(name), await liveOf(other)];
  expect(mine?.[0]?.id).not.toBe(its?.[0]?.id);
});

test('a real deploy is an effect, and is what is served', async () => {
  const [, next] = shas;
  expect((await deploy(next, next)).code).toBe(0);
  expect(effects()).toEqual(
    expect.arrayContaining(['cloudflare createVersion', 'cloudflare createDeployment']),
  );
  expect(await liveOf(name)).toMatchObject([{ percentage: 100, tag: next, running: next }]);
});

test('a tag with another commit than the running one does not count', async () => {
  const [old, next] = shas;
  expect((await deploy(old, next)).code).toBe(0);
  expect(await liveOf(name)).toMatchObject([{ tag: next, running: old }]);
});

test('the control plane arms faults for it', async () => {
  const fault = { service: 'cloudflare', match: '/deployments', kind: '500-before' };
  const armed = { method: 'POST', body: JSON.stringify(fault) };
  expect((await fetch(`${sandbox.control.address}/faults`, armed)).status).toBe(200);
  const client = createClient({ access: access(), name });
  await expect(client.deployments()).rejects.toThrow(
    /^Cloudflare could not answer the request for the deployments of personal-assistant \(500\)\.$/,
  );
  expect(await client.deployments()).toHaveLength(3);
});

test('a worker without a source cannot be seeded', async () => {
  await expect(at().seed('nobody', shas[0] ?? '')).rejects.toThrow(
    'The sandbox has no source for the worker nobody.',
  );
});
