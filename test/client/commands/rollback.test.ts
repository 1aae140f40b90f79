import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { deploy } from '../../../client/commands/deploy.ts';
import { releases } from '../../../client/commands/releases.ts';
import { order } from '../../../client/session/order.ts';
import { rollBack } from '../../../client/session/rollback.ts';
import type { RollbackOptions } from '../../../client/session/rollback.ts';
import type { Session } from '../../../domain/contract/session.ts';
import { createTemporalSession } from '../../../worker/session/temporal-session.ts';
import { startStack } from '../stub/stack.ts';
import type { Stack } from '../stub/stack.ts';

let stack: Stack;
let stopWorker: () => Promise<void>;
beforeAll(async () => {
  stack = await startStack(inject('temporalBinary'));
  stopWorker = await stack.work();
  await stack.announce({ projects: { shop: ['production', 'back', 'none', 'open', 'ending'] } });
});
afterAll(async () => {
  await stopWorker?.();
  await stack?.stop();
});

const place = (environment: string) => ({ project: 'shop', environment });
async function run(environment: string, more: Partial<RollbackOptions> = {}) {
  const io = stack.io();
  const asked = { ...place(environment), ...more };
  const code = await rollBack(io, asked).catch(
    (cause: Error & { exitCode?: number }) => `${cause.exitCode}: ${cause.message}`,
  );
  return { code, stdout: io.stdout, stderr: io.stderr };
}

it('without a reason signs nothing', async () => {
  expect((await run('production')).code).toBe(
    '2: The deploy of shop production is closed, so a rollback from bbbbbbb to aaaaaaa needs a ' +
      'reason. Nothing was changed.\n' +
      'Roll back:  plimsoll rollback shop production --reason "why"',
  );
});

it('rolls back to the commit that the worker named, and exits 0', async () => {
  const { code, stdout, stderr } = await run('production', {
    reason: 'it is slow',
    blame: true,
  });
  expect(code).toBe(0);
  expect(stderr).toContain('shop production: rolling back from bbbbbbb to aaaaaaa.');
  expect(stdout.join('\n')).toContain('it is slow, to aaaaaaa, with blame');
});

it('that the worker refuses exits 2 with the reason of the worker', async () => {
  expect((await run('production', { reason: 'refused' })).code).toBe('2: It is gone.');
});

it('that is not needed exits 0 and starts nothing, also without a reason', async () => {
  const { code, stdout } = await run('back');
  expect({ code, stdout }).toEqual({ code: 0, stdout: ['It was rolled back before.'] });
});

it('that is impossible exits 4', async () => {
  const asked = { reason: 'slow', to: 'cccccccc' };
  expect((await run('none', asked)).code).toBe('4: none cannot go to cccccccc');
});

const asked = { ref: 'main', reason: 'watching', priority: 'normal', detach: true } as const;

it('to an open deploy stays the order without a signature, and takes no --to', async () => {
  await deploy(stack.io(), { ...place('open'), ...asked });
  expect((await run('open', { to: 'aaaaaaaa', blame: true })).code).toBe(
    '2: A deploy of shop open is open, and --to and --blame can be used only after a deploy has closed. ' +
      'Nothing was sent.\nRoll back the open deploy:  plimsoll rollback shop open',
  );
  const { code, stderr } = await run('open');
  expect(code).toBe(0);
  expect(stderr.join()).toContain('plimsoll watch shop open');
});

it('an order to a deploy that ends in the same moment is no error', async () => {
  const { client } = stack;
  await deploy(stack.io(), { ...place('ending'), ...asked });
  const session: Session = createTemporalSession({ client, address: 'here', statusMs: 1000 });
  const snapshot = await session.deploy(place('ending'));
  expect(await order(stack.io(), 'abort', place('ending'))).toBe(0);
  await session.end(snapshot!);
  expect(await session.order(snapshot!, { order: 'rollback' })).toBe('closed');
});

it('releases lists what is live and what is possible', async () => {
  const io = stack.io();
  expect(await releases(io, place('production'))).toBe(0);
  expect(io.stdout.join('\n')).toBe(
    'live       bbbbbbb on one, not healthy\n' +
      'unknown    two does not answer: no route\n' +
      'possible   aaaaaaa, proven 2026-01-01T00:00:00.000Z\n' +
      'possible   ccccccc, proven 2025-12-01T00:00:00.000Z; needs a signature: schema migrations ' +
      'that are not declared backward-compatible (db/1.sql)\n' +
      'Roll back to aaaaaaa:  plimsoll rollback shop production --reason "why"',
  );
});
