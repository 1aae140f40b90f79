import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { deploy } from '../../../client/commands/deploy.ts';
import { flag } from '../../../client/commands/flag.ts';
import { order } from '../../../client/session/order.ts';
import { watch } from '../../../client/commands/watch.ts';
import { deployId } from '../../../domain/deploy/wire.ts';
import type { DeployStatus } from '../../../domain/deploy/plan.ts';
import { startStack } from '../stub/stack.ts';
import type { Stack } from '../stub/stack.ts';

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
    [
      ['shop', 'customers', 'cannot', 'pay'],
      'the report must be one text in quotes, and not empty',
    ],
    [['shop', 'production'], 'the report must be one text in quotes, and not empty'],
    [['shop', ' '], 'the report must be one text in quotes, and not empty'],
    [['shop', 'x'.repeat(201)], 'the report has 201 letters; at most 200 are allowed'],
  ])('%j is answered with the right form', async ([project = '', ...words], why) => {
    expect(await failure(project, ...words)).toEqual({
      exitCode: 2,
      message: `Nothing was flagged: ${why}.\nFor example: plimsoll flag shop "customers cannot pay"`,
    });
  });

  it('needs an environment if there is no single production', async () => {
    expect(await failure('blog', 'it is empty')).toEqual({
      exitCode: 2,
      message: `Nothing was flagged, because no environment is named. The environments of blog are one, two.
For example: plimsoll flag blog one "customers cannot pay"`,
    });
    expect((await failure('blgo', 'it is empty')).message).toMatch(/Did you mean "blog"\?/);
  });

  it('of a release in its watch makes the deploy ask, with the rollback command', async () => {
    await start('production', 'watching');
    const io = stack.io();
    expect(await flag(io, { project: 'shop', words: ['customers \u001b[2Jcannot pay'] })).toBe(0);
    expect(io.stdout).toEqual([
      'shop production: flagged. The deploy asks a person now. Unless an approver keeps the release within 15 min, the release is rolled back to aaaaaaa.',
    ]);
    expect(io.stderr).toEqual([
      `Roll the release back now:  plimsoll rollback shop production
Keep it, if it is healthy:  plimsoll keep shop production`,
    ]);
    const { flags } = await handle('production').query<DeployStatus>('status');
    expect(flags).toMatchObject([{ text: 'customers \\u001B[2Jcannot pay', who: 'bob' }]);
  });

  it('without an open deploy shows what was deployed, and how to deploy it again', async () => {
    await order(stack.io(), 'rollback', { project: 'shop', environment: 'production' });
    await watch(stack.io(), { project: 'shop', environment: 'production' });
    const { exitCode, message } = await failure('shop', 'production', 'customers cannot pay');
    expect(exitCode).toBe(4);
    expect(message).toMatch(
      /^No deploy of shop production is open: the last deploy closed as aborted at \S+Z\. Only an open deploy can be flagged, so nothing was changed\.\nSee the deployed and proven commits: plimsoll history shop production\nDeploy one of these commits again: plimsoll deploy shop production --ref COMMIT$/,
    );
  });

  it('before the open deploy is live is refused', async () => {
    await start('staging', 'succeeded');
    expect(await failure('shop', 'staging', 'it is empty')).toEqual({
      exitCode: 4,
      message: `The open deploy of shop staging is in approval: the release is not live yet, and customers see the previous release. Nothing was flagged.
Stop it:           plimsoll rollback shop staging
What was deployed: plimsoll history shop staging`,
    });
    await order(stack.io(), 'abort', { project: 'shop', environment: 'staging' });
  });
});
