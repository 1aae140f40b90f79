import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, test } from 'vitest';
import { createSeals } from '../../../activities/lib/seals.ts';
import { deploy } from '../../../client/commands/deploy.ts';
import { flag } from '../../../client/commands/flag.ts';
import { history } from '../../../client/commands/history.ts';
import { lift } from '../../../client/commands/lift.ts';
import { plan } from '../../../client/commands/plan.ts';
import { reconcile } from '../../../client/commands/reconcile.ts';
import { recover } from '../../../client/commands/recover.ts';
import { status } from '../../../client/commands/status.ts';
import { stopLine } from '../../../client/commands/stop-line.ts';
import { waive } from '../../../client/commands/waive.ts';
import { withSession } from '../../../client/session/connect.ts';
import { decide } from '../../../client/session/decide.ts';
import { order } from '../../../client/session/order.ts';
import { server as doctorServer } from '../../../client/session/doctor-server.ts';
import { openWebDoor } from '../../../worker/doors/web/web-door.ts';
import type { WebDoor } from '../../../worker/doors/web/web-door.ts';
import { freePort } from '../../../worker/engine/free-port.ts';
import { createTemporalSession } from '../../../worker/session/temporal-session.ts';
import { recordedIo } from '../../support/io.ts';
import { runCli } from '../../support/run-cli.ts';
import { configOf } from '../../worker/doctor/doctor-fixture.ts';
import { startStack } from '../stub/stack.ts';
import type { Stack } from '../stub/stack.ts';

let stack: Stack;
let stopWorker: () => Promise<void>;
let port: number;
let url: string;
let door: WebDoor;
const data = mkdtempSync(join(tmpdir(), 'plimsoll-door-'));
beforeAll(async () => {
  stack = await startStack(inject('temporalBinary'));
  await stack.announce({ projects: { shop: ['production', 'two', 'three', 'four'] } });
  stopWorker = await stack.work();
  port = await freePort();
  url = `http://127.0.0.1:${port}`;
  door = await openDoor();
});
afterAll(async () => {
  await door?.close();
  await stopWorker?.();
  await stack?.stop();
});

/** Opens the door of a worker that has a key of its own for its sessions. */
function openDoor() {
  const config = configOf({ top: { web: { listen: `127.0.0.1:${port}`, url } } });
  const keys = [readFileSync(`${stack.key}.pub`, 'utf8').trim()];
  config.approvers = { bob: { keys, emails: [] } };
  const { client } = stack;
  return openWebDoor(config, {
    session: createTemporalSession({ client, address: 'here', statusMs: 1_000 }),
    ledger: { find: async () => null },
    seals: createSeals(generateKeyPairSync('ed25519').privateKey),
    whyNotSealed: () => null,
    ...{ taskQueue: 'plimsoll-stub', warn: () => {} },
  });
}

/** The output of a person who can reach the door, and cannot reach Temporal. */
const io = (changes: Parameters<typeof recordedIo>[0] = {}) =>
  recordedIo({
    ...changes,
    env: {
      ...{ PLIMSOLL_AS: 'bob', PLIMSOLL_KEY: stack.key, PLIMSOLL_SERVER: url },
      ...{ TEMPORAL_ADDRESS: '127.0.0.1:1', XDG_DATA_HOME: data },
      ...changes.env,
    },
  });
const place = (environment: string) => ({ project: 'shop', environment });
const request = (environment: string, reason: string) => ({
  ...{ ...place(environment), ref: 'main', reason, priority: 'normal' as const },
});
const start = (environment: string, reason: string) =>
  deploy(io(), { ...request(environment, reason), detach: true });
const failure = (run: Promise<unknown>) =>
  run.then(
    (value) => ({ exitCode: value, message: '' }),
    ({ exitCode, message }: Error & { exitCode?: number }) => ({ exitCode, message }),
  );
async function hasPlan(environment: string): Promise<boolean> {
  const told = io({ json: true });
  await status(told, place(environment));
  return Boolean(JSON.parse(told.stdout[0] ?? '{}').sealed);
}
/** Waits until the deploy has its plan. */
async function waits(environment: string) {
  await expect.poll(() => hasPlan(environment), { timeout: 20_000 }).toBe(true);
}

describe('through the door', () => {
  it('a deploy is planned, started, approved and followed to its exit code', async () => {
    expect(await plan(io(), request('production', 'succeeded'))).toBe(0);
    const following = deploy(io(), request('production', 'succeeded'));
    await waits('production');
    const told = io();
    expect(await decide(told, 'approve', { ...place('production'), yes: true })).toBe(0);
    expect(told.stdout).toEqual(['The decision counts: bob says approve.']);
    expect(await following).toBe(0);
    expect(await status(io(), place('production'))).toBe(0);
  });

  it('a newer request takes the lock, and an order ends the deploy', async () => {
    await start('two', 'succeeded');
    await waits('two');
    const newer = io();
    expect(await deploy(newer, { ...request('two', 'newer'), detach: true })).toBe(0);
    expect(newer.stderr[0]).toMatch(/^Your deploy replaces the deploy by bob /);
    for (const verb of ['retry', 'abort'] as const)
      expect(await order(io(), verb, place('two'))).toBe(0);
    await expect.poll(() => status(io(), place('two')), { timeout: 20_000 }).not.toBe(8);
    expect(await failure(order(io(), 'rollback', place('two')))).toMatchObject({ exitCode: 4 });
  });

  it('a live release is flagged in the name of the signer', async () => {
    await start('three', 'watching');
    await waits('three');
    const told = io({ json: true });
    expect(await flag(told, { project: 'shop', words: ['three', 'no pay'] })).toBe(0);
    expect(JSON.parse(told.stdout[0] ?? '')).toMatchObject({
      flag: { text: 'no pay', who: 'bob' },
    });
    expect(await failure(recover(io(), place('three')))).toMatchObject({ exitCode: 4 });
    expect(await order(io(), 'rollback', place('three'))).toBe(0);
  });

  it('standalone decisions and reads work as before', async () => {
    const sha = 'b'.repeat(40);
    expect(await lift(io(), { ...place('production'), sha, reason: 'repaired' })).toBe(0);
    const until = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const finding = 'GHSA-vh95-rmgr-6w4m';
    expect(await waive(io(), { ...place('production'), finding, reason: 'unused', until })).toBe(0);
    expect(await stopLine(io(), { reason: 'no space' })).toBe(0);
    expect(await stopLine(io(), { reason: 'space', lift: true })).toBe(0);
    expect(await history(io(), { limit: '5' })).toBe(0);
    expect(await history(io(), { limit: '5', verify: true })).toBe(1);
    expect(await reconcile(io(), { project: 'shop' })).toBe(0);
  });

  it('what a worker refuses is said as before', async () => {
    const refused = deploy(io(), request('four', 'refused'));
    expect(await failure(refused)).toEqual({
      exitCode: 2,
      message: "The signature is not alice's.",
    });
  });
});

test('one login is enough, its file is private, and a new worker gets a new login', async () => {
  const directory = join(data, 'plimsoll', 'sessions');
  const [file = '', ...more] = readdirSync(directory);
  expect(more).toEqual([]);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
  const stored = () => readFileSync(join(directory, file), 'utf8');
  const before = stored();
  await history(io(), { limit: '1' });
  expect(stored()).toBe(before);
  await door.close();
  door = await openDoor();
  expect(await history(io(), { limit: '1' })).toBe(0);
  expect(stored()).not.toBe(before);
});

test('--server does the same as PLIMSOLL_SERVER, before and after the command', async () => {
  const env = { PLIMSOLL_AS: 'bob', PLIMSOLL_KEY: stack.key, XDG_DATA_HOME: data };
  const before = await runCli(['--server', url, 'history', '--limit', '1'], env);
  expect(before).toMatchObject({ code: 0, stderr: '' });
  expect(await runCli(['history', '--limit', '1', '--server', url], env)).toEqual(before);
});

test('doctor checks the door, and nothing of Temporal', async () => {
  const [first, ...others] = await Promise.all(doctorServer(io(), undefined));
  expect([first, others]).toEqual([{ check: 'door', state: 'ok', text: url }, []]);
});

describe('a door that cannot be used', () => {
  const asked = (server: string) =>
    failure(
      withSession(io({ env: { PLIMSOLL_SERVER: server } }), {}, (session) => session.registry()),
    );

  it('is no address, or is not encrypted', async () => {
    expect(await asked('deploy.example.com')).toEqual({
      exitCode: 2,
      message:
        'PLIMSOLL_SERVER (or --server) needs the address of the door, such as https://deploy.example.com, not "deploy.example.com".\n' +
        "Use the address in web.url of the worker's plimsoll.yaml.",
    });
    expect(await asked('http://deploy.example.com')).toEqual({
      exitCode: 2,
      message:
        'PLIMSOLL_SERVER (or --server) is http://deploy.example.com: without https, everybody between you and the door could use your session.\n' +
        "Use the https:// address in web.url of the worker's plimsoll.yaml. http:// is for 127.0.0.1 only.",
    });
  });

  it('does not answer', async () => {
    expect(await asked('http://127.0.0.1:1')).toEqual({
      exitCode: 1,
      message:
        'No door of Plimsoll answers at http://127.0.0.1:1 (bad port).\n' +
        'Check PLIMSOLL_SERVER (or --server). The door is open while a worker with "web:" in plimsoll.yaml runs: plimsoll worker',
    });
  });
});
