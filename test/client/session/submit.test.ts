import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { withSession } from '../../../client/session/connect.ts';
import { decide } from '../../../client/session/decide.ts';
import { deploy } from '../../../client/commands/deploy.ts';
import { order } from '../../../client/session/order.ts';
import { exitCodes } from '../../../client/exit-codes.ts';
import { unansweredText } from '../../../client/render/submit.ts';
import { heirsOf } from '../../../client/session/read-deploy.ts';
import type { DeploySnapshot } from '../../../client/session/read-deploy.ts';
import { deployId } from '../../../domain/deploy/wire.ts';
import { shortTimeLimits } from '../../support/io.ts';
import { startStack } from '../stub/stack.ts';
import type { Stack } from '../stub/stack.ts';

let stack: Stack;
let stopWorker: () => Promise<void>;
const environments = ['one', 'two', 'three', 'four', 'five', 'six'];
beforeAll(async () => {
  stack = await startStack(inject('temporalBinary'));
  await stack.announce({ projects: { shop: environments } });
  stopWorker = await stack.work();
});
afterAll(async () => {
  await stopWorker?.();
  await stack?.stop();
});

const request = (environment: string, reason: string, priority: 'normal' | 'P0' = 'normal') => ({
  ...{ project: 'shop', environment, ref: 'main', reason, priority },
});
const start = (environment: string, reason: string, priority?: 'P0') =>
  deploy(stack.io(), { ...request(environment, reason, priority), detach: true });
const failure = (run: Promise<number>) =>
  run.then(
    (code) => ({ exitCode: code, message: '' }),
    ({ exitCode, message }: Error & { exitCode?: number }) => ({ exitCode, message }),
  );
const planned = async (environment: string) => {
  const handle = stack.client.workflow.getHandle(deployId('shop', environment));
  const memo = async () => Object.keys((await handle.describe()).memo ?? {});
  await expect.poll(memo, { timeout: 10_000 }).toContain('plan');
};

describe('a request that takes the lock', () => {
  it('shows whose lock it took; the owner who waits sees by whom, exit 6', async () => {
    const owner = stack.io();
    const waiting = deploy(owner, request('one', 'succeeded'));
    await planned('one');
    await expect.poll(() => owner.stderr.length, { timeout: 10_000 }).toBeGreaterThan(0);
    const io = stack.io({ json: true });
    expect(await deploy(io, { ...request('one', 'newer'), detach: true })).toBe(0);
    expect(io.stderr[0]).toBe(
      'Your deploy replaces the deploy by bob (bbbbbbb: succeeded), which changed nothing. The ' +
        'owner of that deploy is notified.',
    );
    expect(await waiting).toBe(6);
    expect(owner.stdout).toEqual([
      `shop one bbbbbbb: aborted (nothing was touched)
  replaced by d-next of bob (ccccccc), and production was not touched`,
    ]);
    expect(owner.stderr.at(-1)).toBe('Watch the new deploy:  plimsoll watch shop one');
    const now = await stack.client.workflow.getHandle(deployId('shop', 'one')).describe();
    expect(JSON.parse(io.stdout[0] ?? '')).toEqual({ deploy: 'deploy/shop/one', runId: now.runId });
    expect(now.status.name).toBe('RUNNING');
    await order(stack.io(), 'abort', { project: 'shop', environment: 'one' });
  });
});

it('finds its own run even if that run was already replaced', async () => {
  const place = { project: 'shop', environment: 'five' };
  await start('five', 'succeeded');
  await planned('five');
  const handle = () => stack.client.workflow.getHandle(deployId('shop', 'five'));
  const first = await handle().describe();
  expect(await deploy(stack.io(), { ...request('five', 'newer'), detach: true })).toBe(0);
  const second = await handle().describe();
  expect(await deploy(stack.io(), { ...request('five', 'newer'), detach: true })).toBe(0);
  const third = await handle().describe();
  const runs: string[] = [];
  await withSession(stack.io(), {}, async (session) => {
    for await (const { runId } of heirsOf(session, { place, runId: first.runId })) runs.push(runId);
  });
  expect(runs).toEqual([first, second, third].map(({ runId }) => runId));
  expect(new Set(runs).size).toBe(3);
  await order(stack.io(), 'abort', place);
});

describe('a deploy that has had an effect', () => {
  it('is not asked: the message says what to do instead, for a P0 the next command too', async () => {
    await start('two', 'watching');
    await planned('two');
    const told = async (priority?: 'P0') => {
      const { exitCode, message } = await failure(start('two', 'newer', priority));
      expect(exitCode).toBe(4);
      return message.split('\n').slice(1);
    };
    const lines = [
      'Your deploy was not started: the open deploy is in watch and may have changed production, ' +
        'so it is not replaced.',
      'Watch it:      plimsoll watch shop two',
      'Roll it back:  plimsoll rollback shop two',
    ];
    expect(await told()).toEqual(lines);
    expect(await told('P0')).toEqual([
      ...lines,
      'Then deploy:   plimsoll deploy shop two --ref main --priority P0',
    ]);
    await order(stack.io(), 'abort', { project: 'shop', environment: 'two' });
  });
});

describe('--wait gates', () => {
  it('returns 0 when the deploy waits for a person', async () => {
    const io = stack.io();
    expect(await deploy(io, { ...request('three', 'succeeded'), wait: 'gates' })).toBe(0);
    expect(io.stdout[0]).toMatch(
      /^The gates are open; waiting for: 1 approval by bob, until \S+Z\.$/,
    );
    expect(io.stderr.at(-1)).toBe('Watch it:  plimsoll watch shop three');
    const again = { ...request('three', 'again'), wait: 'gates' } as const;
    const second = stack.io();
    expect(await deploy(second, again)).toBe(0);
    expect(second.stderr[0]).toBe(
      'This commit already waits, in the deploy by bob (bbbbbbb: succeeded). No second deploy is ' +
        'started, and this command follows that deploy.',
    );
    expect(second.stdout).toEqual(io.stdout);
    for (const other of [
      { ...again, rollbackTarget: 'a'.repeat(40) },
      { ...again, wait: 'end' as const },
      { ...again, detach: true },
      { ...again, reason: 'a forged request' },
    ])
      expect(await failure(deploy(stack.io(), other))).toMatchObject({ exitCode: 4 });
    await order(stack.io(), 'abort', { project: 'shop', environment: 'three' });
  });

  it('waits for the report of a deploy whose gates are closed: exit 7', async () => {
    const io = stack.io();
    const closing = { ...request('six', 'settling'), wait: 'gates' } as const;
    expect(await deploy(io, closing)).toBe(exitCodes.gateClosed);
    expect(io.stdout).toEqual([
      'shop six bbbbbbb: gate-closed (nothing was touched)\n  asked for settling',
    ]);
  });

  it('fails with what the worker refused', async () => {
    const refused = deploy(stack.io(), { ...request('four', 'refused'), wait: 'gates' });
    expect(await failure(refused)).toEqual({
      exitCode: 2,
      message: "The signature is not alice's.",
    });
  });
});

it('a decision for a deploy that closed first is reported as such', async () => {
  await start('four', 'succeeded');
  await planned('four');
  const handle = stack.client.workflow.getHandle(deployId('shop', 'four'));
  await stopWorker();
  const io = stack.io({ timeLimits: { ...shortTimeLimits, rulingMs: 3_000 } });
  const deciding = failure(
    decide(io, 'approve', { project: 'shop', environment: 'four', yes: true }),
  );
  const signals = async () =>
    ((await handle.fetchHistory()).events ?? []).filter(
      (event) => event.workflowExecutionSignaledEventAttributes,
    ).length;
  await expect.poll(signals, { timeout: 10_000 }).toBe(1);
  await handle.terminate();
  const { exitCode, message } = await deciding;
  stopWorker = await stack.work();
  expect(exitCode).toBe(4);
  expect(message.replace(/\d{4}-\S+Z/, 'TIME')).toBe(
    `The deploy of shop four is closed (terminated, TIME): approve changes nothing any more.
What happened: plimsoll status shop four
Deploy another commit: plimsoll deploy shop four --ref COMMIT`,
  );
});

it('a deploy that has not answered yet is reported as such, exit 8', () => {
  const place = { project: 'shop', environment: 'one' };
  expect(unansweredText({ place } as DeploySnapshot)).toMatchObject({
    exitCode: 8,
    message: `Temporal has stored your request. The open deploy of shop one has not answered yet. That deploy will accept or refuse your request.
See the answer:  plimsoll status shop one`,
  });
});
