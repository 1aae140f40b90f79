import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { deploy } from '../../client/commands/deploy.ts';
import { flag } from '../../client/commands/flag.ts';
import { order } from '../../client/commands/order.ts';
import { watch } from '../../client/commands/watch.ts';
import { deployId } from '../../domain/messages.ts';
import type { DeployStatus } from '../../domain/plan.ts';
import { startStack } from './stub/stack.ts';
import type { Stack } from './stub/stack.ts';

let stack: Stack;
let stopWorker: () => Promise<void>;
beforeAll(async () => {
  stack = await startStack(inject('temporalBinary'));
  await stack.announce({ projects: { shop: ['staging', 'production'], blog: ['one', 'two'] } });
  stopWorker = await stack.work();
});
afterAll(async () => {
  await stopWorker?.();
  await stack?.stop();
});

const failure = async (project: string, ...words: string[]) => {
  const error = await flag(stack.io(), { project, words }).then(
    (code) => new Error(`exit ${code}`),
    (cause: Error) => cause,
  );
  return { exitCode: (error as { exitCode?: number }).exitCode, message: error.message };
};
const handle = (environment: string) =>
  stack.client.workflow.getHandle(deployId('shop', environment));
const start = async (environment: string, reason: string) => {
  const request = { project: 'shop', environment, ref: 'main', priority: 'normal' as const };
  await deploy(stack.io(), { ...request, reason, detach: true });
  const memo = async () => Object.keys((await handle(environment).describe()).memo ?? {});
  await expect.poll(memo, { timeout: 10_000 }).toContain('plan');
};

describe('a flag', () => {
  it.each([
    [['shop', 'customers', 'cannot', 'pay'], 'the report is one text in quotes, and not empty'],
    [['shop', 'production'], 'the report is one text in quotes, and not empty'],
    [['shop', ' '], 'the report is one text in quotes, and not empty'],
    [['shop', 'x'.repeat(201)], 'the report has 201 letters, at most 200'],
  ])('%j is told how to say it', async ([project = '', ...words], why) => {
    expect(await failure(project, ...words)).toEqual({
      exitCode: 2,
      message: `Nothing was flagged: ${why}.\nLike this: npx --no plimsoll flag shop "customers cannot pay"`,
    });
  });

  it('wants to know where, if there is no one production', async () => {
    expect(await failure('blog', 'it is empty')).toEqual({
      exitCode: 2,
      message: `Nothing was flagged: which environment of blog? It has one, two.
Like this: npx --no plimsoll flag blog one "customers cannot pay"`,
    });
    expect((await failure('blgo', 'it is empty')).message).toMatch(/Did you mean "blog"\?/);
  });

  it('of a release that is watched makes it ask, with the way back one line away', async () => {
    await start('production', 'watching');
    const io = stack.io();
    expect(await flag(io, { project: 'shop', words: ['customers \u001b[2Jcannot pay'] })).toBe(0);
    expect(io.stdout).toEqual([
      'shop production: flagged. It asks now; without a signed keep it goes back to aaaaaaa after 15 min.',
    ]);
    expect(io.stderr).toEqual([
      `Take it back now:         npx --no plimsoll rollback shop production
It is healthy after all:  npx --no plimsoll keep shop production`,
    ]);
    const { flags } = await handle('production').query<DeployStatus>('status');
    expect(flags).toMatchObject([{ text: 'customers [2Jcannot pay', who: 'bob' }]);
  });

  it('with nothing open tells what was shipped, and how to go back to it', async () => {
    await order(stack.io(), 'rollback', { project: 'shop', environment: 'production' });
    await watch(stack.io(), { project: 'shop', environment: 'production' });
    const { exitCode, message } = await failure('shop', 'production', 'customers cannot pay');
    expect(exitCode).toBe(4);
    expect(message).toMatch(
      /^No deploy of shop production is open: the last one closed as aborted at \S+Z\. A flag makes an open deploy ask; nothing was changed\.\nWhat was shipped, and what was proven: npx --no plimsoll history shop production\nGo back to one of them: npx --no plimsoll deploy shop production --ref COMMIT$/,
    );
  });

  it('while nothing of the open deploy is live is not taken for one', async () => {
    await start('staging', 'succeeded');
    expect(await failure('shop', 'staging', 'it is empty')).toEqual({
      exitCode: 4,
      message: `The open deploy of shop staging is in approval: nothing of it is live yet, customers see the release before. Nothing was flagged.
Stop it:          npx --no plimsoll rollback shop staging
What was shipped: npx --no plimsoll history shop staging`,
    });
    await order(stack.io(), 'abort', { project: 'shop', environment: 'staging' });
  });
});
