import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { deploy } from '../../../client/commands/deploy.ts';
import { reconcile } from '../../../client/commands/reconcile.ts';
import { recover } from '../../../client/commands/recover.ts';
import { status } from '../../../client/commands/status.ts';
import { watch } from '../../../client/commands/watch.ts';
import { order } from '../../../client/session/order.ts';
import { deployId } from '../../../domain/deploy/wire.ts';
import { shortTimeLimits } from '../../support/io.ts';
import { startStack } from '../stub/stack.ts';
import type { Stack } from '../stub/stack.ts';

let stack: Stack;
let stopWorker: () => Promise<void>;
beforeAll(async () => {
  stack = await startStack(inject('temporalBinary'));
  await stack.announce({ projects: { shop: ['production', 'two'], store: ['production'] } });
  stopWorker = await stack.work();
});
afterAll(async () => {
  await stopWorker?.();
  await stack?.stop();
});

const place = (environment: string) => ({ project: 'shop', environment });
/** The workflow of the stub finds no lost deploy of this project. */
const store = { project: 'store', environment: 'production' };
const startAt = (at: ReturnType<typeof place>, reason: string) =>
  deploy(stack.io(), {
    ...at,
    ref: 'main',
    reason,
    priority: 'normal',
    detach: true,
  });
const start = (environment: string, reason: string) => startAt(place(environment), reason);
const failure = async (run: Promise<number>) => {
  const error = await run.then(
    (code) => new Error(`exit ${code}`),
    (cause: Error) => cause,
  );
  return { exitCode: (error as { exitCode?: number }).exitCode, message: error.message };
};
const handle = (environment: string) =>
  stack.client.workflow.getHandle(deployId('shop', environment));

test('a deploy that continues is not ended', async () => {
  expect(await start('production', 'watching')).toBe(0);
  expect(await failure(recover(stack.io(), place('production')))).toEqual({
    exitCode: 4,
    message:
      'The deploy of shop production continues by itself: its workflow tasks do not fail. ' +
      'Nothing was changed.\n' +
      'Roll it back:  plimsoll rollback shop production',
  });
  expect((await handle('production').describe()).status.name).toBe('RUNNING');
});

describe('a deploy whose workflow tasks fail', () => {
  const io = () => stack.io({ timeLimits: shortTimeLimits });
  const failing = /^\d+ workflow tasks failed since [\d:]+Z: a fault of the workflow code/;
  const cannot = 'Plimsoll cannot continue the deploy of shop two: ';
  const next = '\nEnd the deploy and finish its rollback:  plimsoll recover shop two';

  test('is named by status, with the command that frees it', async () => {
    expect(await start('two', 'broken')).toBe(0);
    expect(await startAt(store, 'broken')).toBe(0);
    for (const one of [place('two'), store])
      await expect.poll(() => status(io(), one), { timeout: 100_000, interval: 1000 }).toBe(1);
    const shown = io();
    await status(shown, place('two'));
    const [first, ...rows] = shown.stdout.join('\n').split('\n');
    expect(first).toBe(
      'live now: UNKNOWN: bbbbbbb or aaaaaaa · ' +
        'waiting for: nothing: Plimsoll cannot continue this deploy · ' +
        'do this: plimsoll recover shop two',
    );
    const row = rows.find((it) => it.startsWith('failing'));
    expect(row?.slice(11)).toMatch(failing);
  });

  test('is not waited for, and receives no order', async () => {
    const watched = await failure(watch(io(), place('two')));
    expect(watched.exitCode).toBe(1);
    expect(watched.message.slice(cannot.length)).toMatch(failing);
    expect(watched.message).toContain(`\nThe deploy holds its lock until a person ends it.${next}`);
    const ordered = await failure(order(io(), 'rollback', place('two')));
    expect(ordered.message.slice(0, cannot.length)).toBe(cannot);
    expect(ordered.message).toContain(
      `\nThe deploy would not process rollback, so nothing was sent.${next}`,
    );
  });

  test('is named by reconcile', async () => {
    const shown = io();
    expect(await reconcile(shown, {})).toBe(1);
    expect(shown.stdout.join('\n')).toMatch(
      /^shop two: Plimsoll cannot continue this deploy: [\s\S]+\n {2}End it and finish its rollback: plimsoll recover shop two\nstore production: .+\n.+recover store production$/,
    );
  });

  test('is ended by recover, which finishes the rollback', async () => {
    const shown = io();
    expect(await recover(shown, place('two'))).toBe(0);
    expect(shown.stdout).toEqual([
      'shop two bbbbbbb: rolled-back: rolled back from two\n  See: plimsoll history shop two',
    ]);
    const { status: state } = await handle('two').describe();
    expect(state.name).toBe('TERMINATED');
    const reason = (await handle('two').fetchHistory()).events?.at(-1)
      ?.workflowExecutionTerminatedEventAttributes?.reason;
    expect(reason).toMatch(/^ended by the command recover: \d+ workflow tasks failed since /);
  });

  test('is ended, and the command fails if nothing finished the rollback', async () => {
    const shown = io();
    expect(await recover(shown, store)).toBe(1);
    expect(shown.stdout).toEqual([
      'The deploy of store production was ended, but nothing finished its rollback: the search for ' +
        'lost deploys did not find it.\n' +
        'Live now: UNKNOWN: bbbbbbb or aaaaaaa.\n' +
        'Finish the rollback:  plimsoll reconcile --project store',
    ]);
  });

  test('that was ended already is not ended again', async () => {
    expect(await failure(recover(stack.io(), place('two')))).toEqual({
      exitCode: 4,
      message:
        'The deploy of shop two is closed (terminated). Nothing was changed.\n' +
        'Finish the rollback of a deploy that was terminated:  plimsoll reconcile --project shop',
    });
  });
});
