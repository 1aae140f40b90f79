import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { stopLine } from '../../../client/commands/stop-line.ts';
import type { StopLineOptions } from '../../../client/commands/stop-line.ts';
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

const options = (over: Partial<StopLineOptions> = {}): StopLineOptions => ({
  reason: 'the database is full',
  ...over,
});
const failure = async (over: Partial<StopLineOptions>) => {
  const error = await stopLine(stack.io(), options(over)).then(
    (code) => new Error(`exit ${code}`),
    (cause: Error) => cause,
  );
  return { exitCode: (error as { exitCode?: number }).exitCode, message: error.message };
};

it('signs the stop and its reason, and exits 0 with the command that lifts it', async () => {
  const io = stack.io();
  expect(await stopLine(io, options())).toBe(0);
  expect(io.stdout).toEqual([
    'Stopped: bob stops the line: "the database is full". No new deploy starts in any project. ' +
      'A deploy that has reached production continues, and a rollback is always allowed.',
  ]);
  expect(io.stderr).toEqual([
    'An approver can lift the stop: plimsoll stop-line "why it is safe" --lift',
  ]);
});

it('lifts the current stop, by its name', async () => {
  const io = stack.io();
  expect(await stopLine(io, options({ reason: 'it has room again', lift: true }))).toBe(0);
  expect(io.stdout).toEqual([
    'Lifted: bob lifts stop/1 (it has room again). Deploys may start again, each with its own gates and approvals.',
  ]);
  expect(io.stderr).toEqual([
    'Request the stopped deploys again: plimsoll deploy PROJECT ENVIRONMENT --ref COMMIT',
  ]);
});

it('that is refused exits 4 with the reason', async () => {
  expect(await failure({ as: 'mallory' })).toEqual({
    exitCode: 4,
    message:
      'The decision does not count: mallory is neither a configured approver nor a requester. ' +
      'The ledger records it, and the line is not stopped.\n' +
      "Only these people may stop the line: the approvers and requesters in the worker's plimsoll.yaml. They sign with --as NAME --key PATH",
  });
  expect(await failure({ as: 'mallory', lift: true })).toEqual({
    exitCode: 4,
    message:
      'The decision does not count: mallory is no approver. The ledger records it, and the line stays stopped.\n' +
      "Only these people may lift the stop: the approvers in the worker's plimsoll.yaml. They sign with --as NAME --key PATH",
  });
});

it('without a reason exits 2, and nothing is signed', async () => {
  expect(await failure({ reason: ' ' })).toEqual({
    exitCode: 2,
    message:
      'A stop needs a reason of 1 to 300 characters. Nothing was signed.\n' +
      'plimsoll stop-line "what is wrong"',
  });
  expect(await failure({ reason: 'x'.repeat(301), lift: true })).toEqual({
    exitCode: 2,
    message:
      'The lift of a stop needs a reason of 1 to 300 characters. Nothing was signed.\n' +
      'plimsoll stop-line "why it is safe" --lift',
  });
});
