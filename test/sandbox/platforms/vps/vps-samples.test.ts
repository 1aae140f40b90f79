import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { plantedSecret, samples, writeTree } from '../../../../sandbox/samples/samples.ts';
import type { FileTree } from '../../../../sandbox/samples/samples.ts';
import { freePort } from '../../../../worker/engine/free-port.ts';

const sha = 'd'.repeat(40);
const root = mkdtempSync(join(tmpdir(), 'samples-'));
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

async function serve(files: FileTree) {
  const cwd = join(root, sha);
  writeTree(cwd, files);
  const port = await freePort();
  const child = spawn(process.execPath, ['server.mjs'], { cwd, env: { PORT: String(port) } });
  started.push(child);
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, body: await response.text() };
  };
  return { get, log: () => log };
}

test('the good one serves its own commit, its critical paths and an access log', async () => {
  const { get, log } = await serve(samples.good(3));
  expect(JSON.parse((await get('/version')).body)).toEqual({ sha, name: 'good 3' });
  expect(await get('/pay')).toEqual({ status: 200, body: 'checkout of good 3' });
  const { at } = JSON.parse((await get('/heartbeat')).body) as { at: string };
  expect(Math.abs(Date.now() - Date.parse(at))).toBeLessThan(5000);
  expect(log()).toContain('GET /pay 200\n');
  expect(log()).not.toContain('<3>');
});

test('the one that fails later passes two rounds of probes, then fails, and stays healthy', async () => {
  const { get, log } = await serve(samples.failsLater(2));
  const statuses = [];
  for (let round = 0; round < 3; round += 1) {
    for (const path of ['/login', '/pay', '/']) statuses.push((await get(path)).status);
  }
  expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 500, 500]);
  expect((await get('/healthz')).status).toBe(200);
  expect(log()).toContain('<3>error: GET /pay: payment provider answered 401\n');
});

test('the one that fails after a while', async () => {
  const { get } = await serve(samples.failsAfterMs(1));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await get('/')).status).toBe(500);
});

test('the one that only logs errors answers 200', async () => {
  const { get, log } = await serve(samples.errorsOnly());
  expect((await get('/login')).status).toBe(200);
  expect(log()).toContain('<3>error: /login: cache is not reachable\n');
});

test('the planted secret looks like a GitHub token', () => {
  expect(plantedSecret).toMatch(/^ghp_[A-Za-z0-9]{36}$/);
  expect(samples.plantedSecret()['config/deploy.json']).toContain(plantedSecret);
});
