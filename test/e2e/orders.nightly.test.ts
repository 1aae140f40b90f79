import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { messages } from '../../domain/deploy/wire.ts';
import type { Entry } from '../../domain/contract/activities.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, eventually, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { thereAndBack, untouched } from '../support/witness.ts';

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const fleetProjects: ProjectSpec[] = [
  { ...good, name: 'early', hosts: 1 },
  { ...good, name: 'abort', hosts: 2 },
  { ...good, name: 'cancel', hosts: 1 },
  { ...good, name: 'back', hosts: 1 },
];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ fleetProjects });
});
afterAll(() => stack?.close());

async function entriesOf(project: string): Promise<Entry[]> {
  const { stdout } = await stack.cli(['history', project, environment, '--json']);
  return (JSON.parse(stdout) as Entry[]).toReversed();
}

const kinds = (entries: Entry[]) => entries.map(({ kind }) => kind);

async function watched(project: string) {
  await stack.deploy(project);
  await stack.reached(project, 'approval');
  await stack.approve(project);
  return await stack.reached(project, 'watch');
}

/**
 * Expects the old release on every host, no change of main, and an incident without a bad commit.
 */
async function expectReverted(project: string, hosts: string[], cause: string) {
  const { deployId } = await stack.status(project);
  const follow = stack.client.workflow.getHandle(`aftermath/${deployId}`);
  expect(await follow.result()).toMatchObject({ revertSha: null, quarantined: false });
  expect(await stack.effectsOf(project)).toEqual(thereAndBack(hosts, false));
  const served = hosts.map(() => 'old old old');
  expect(await stack.truthOf(project)).toEqual({ served, main: 'new' });
  const entries = await entriesOf(project);
  expect(kinds(entries)).toEqual([
    ...['started', 'ruling', 'approved', 'released', 'rolling-back', 'closed'],
    ...['incident', 'revert'],
  ]);
  const bodyOf = (kind: Entry['kind']) => entries.find((entry) => entry.kind === kind)?.body;
  expect(bodyOf('closed')).toMatchObject({ outcome: 'rolled-back', reasons: [cause] });
  expect(bodyOf('revert')).toMatchObject({
    sha: null,
    note: expect.stringContaining('not reverted: the release is not to blame'),
  });
}

describe.concurrent('orders', () => {
  test('an abort before any effect leaves everything untouched and makes no incident', async () => {
    await stack.deploy('early');
    await stack.reached('early', 'approval');
    const order = await stack.cli(['abort', 'early', environment]);
    expect(order).toMatchObject({ code: 0 });
    expect(order.stdout).toBe(
      'early production: the deploy closes as aborted in approval; production was not touched.\n',
    );
    expect(await stack.report('early')).toMatchObject({ outcome: 'aborted', touched: false });
    expect(await stack.effectsOf('early')).toEqual(untouched);
    expect(await stack.truthOf('early')).toEqual({ served: ['old old old'], main: 'new' });
    const entries = await entriesOf('early');
    expect(kinds(entries)).toEqual(['started', 'closed']);
    expect(entries[1]?.body).toMatchObject({
      outcome: 'aborted',
      reasons: ['a person sent abort'],
    });
    expect((await stack.cli(['status', 'early', environment])).code).toBe(1);
  });

  test('an abort in the watch rolls every host back and leaves main alone', async () => {
    const { sealed } = await watched('abort');
    const order = await stack.cli(['abort', 'abort', environment]);
    const to = sealed?.plan.rollbackTarget?.sha.slice(0, 7);
    expect(order.stdout).toBe(
      `abort production: the release is rolled back to ${to} and proven on every host.\n`,
    );
    expect(await stack.report('abort')).toMatchObject({
      outcome: 'rolled-back',
      touched: true,
      reasons: ['a person sent abort'],
    });
    await expectReverted('abort', ['abort-1', 'abort-2'], 'a person sent abort');
  });

  test('a cancel, as the Web UI sends it, rolls back and ends as cancelled', async () => {
    await watched('cancel');
    await stack.handle('cancel').cancel();
    await expect(stack.report('cancel')).rejects.toMatchObject({
      cause: expect.objectContaining({ name: 'CancelledFailure' }),
    });
    const { status } = await stack.handle('cancel').describe();
    expect(status.name).toBe('CANCELLED');
    await expectReverted('cancel', ['cancel-1'], 'cancelled from outside');
    const seen = await stack.cli(['status', 'cancel', environment, '--json']);
    expect(seen.code).toBe(1);
  });

  test('a rollback signal without arguments is enough', async () => {
    await watched('back');
    await stack.handle('back').signal(messages.rollback);
    expect(await stack.report('back')).toMatchObject({ outcome: 'rolled-back' });
    await expectReverted('back', ['back-1'], 'a person sent rollback');
    const seen = await stack.cli(['status', 'back', environment]);
    expect(seen.code).toBe(5);
  });
});

test('the next deploy of a rolled back project is not blocked', async () => {
  await stack.deploy('back');
  const now = await stack.reached('back', 'approval');
  expect(now.sealed?.plan.recall).toMatchObject({ lastOutcome: 'rolled-back' });
  await stack.cli(['reject', 'back', environment, ...stack.as('robin')]);
  expect(await stack.report('back')).toMatchObject({ outcome: 'rejected', touched: false });
  await eventually('no call is held', async () => (await stack.holding()) === 0);
  expect(await stack.truthOf('back')).toEqual({ served: ['old old old'], main: 'new' });
});
