import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { waive } from '../../../client/commands/waive.ts';
import { startStack } from '../stub/stack.ts';
import type { Stack } from '../stub/stack.ts';

let stack: Stack;
let stopWorker: () => Promise<void>;
beforeAll(async () => {
  stack = await startStack(inject('temporalBinary'));
  stopWorker = await stack.work();
  await stack.announce({ projects: { shop: ['production'] } });
});
afterAll(async () => {
  await stopWorker?.();
  await stack?.stop();
});

const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const options = (over: object = {}) => ({
  ...{ project: 'shop', environment: 'production', finding: 'GHSA-vh95-rmgr-6w4m' },
  ...{ reason: 'never called', until: day(30) },
  ...over,
});
const failure = async (over: object) => {
  const error = await waive(stack.io(), options(over)).then(
    (code) => new Error(`exit ${code}`),
    (cause: Error) => cause,
  );
  return { exitCode: (error as { exitCode?: number }).exitCode, message: error.message };
};

it('signs for the finding, its reason and its day, and exits 0', async () => {
  const io = stack.io();
  expect(await waive(io, options())).toBe(0);
  expect(io.stdout).toEqual([
    `Waived: bob waives GHSA-vh95-rmgr-6w4m until ${day(30)} (never called). Every deploy that uses the waiver shows the waiver.`,
  ]);
  expect(io.stderr).toEqual(['Deploy: plimsoll deploy shop production --ref COMMIT']);
});

it('that is refused exits 4 with the reason', async () => {
  expect(await failure({ as: 'mallory' })).toEqual({
    exitCode: 4,
    message:
      'The decision does not count: mallory is not a configured approver. The ledger records it, and the finding still closes the gate.\n' +
      "Only these people may waive the finding: the approvers in the worker's plimsoll.yaml. They sign with --as NAME --key PATH",
  });
});

const endsOn = () =>
  `The last day of a waiver must be between today and 90 days from now, such as ${day(30)}. Nothing was signed.`;
it.each<[object, () => string]>([
  [
    { finding: 'two words' },
    () => 'Name the finding as the audit gate prints it, not "two words". Nothing was signed.',
  ],
  [{ reason: ' ' }, () => 'A waiver needs a --reason of 1 to 300 characters. Nothing was signed.'],
  [{ until: 'tomorrow' }, endsOn],
  [{ until: day(-1) }, endsOn],
  [{ until: day(91) }, endsOn],
])('with %j exits 2', async (over, what) => {
  expect(await failure(over)).toEqual({
    exitCode: 2,
    message:
      `${what()}\n` +
      'plimsoll waive shop production FINDING --reason "why it does no harm" --until DAY',
  });
});

it('of an unknown project exits 2', async () => {
  expect((await failure({ project: 'sohp' })).message).toContain('Did you mean "shop"?');
});
