import { afterAll, beforeAll, expect, test } from 'vitest';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, projectIn, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';

const fleetProjects = [
  {
    ...{ name: 'shop', hosts: 1, checks: 'success' as const },
    ...{ first: samples.good(1), next: samples.crashesAtStart() },
  },
];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ fleetProjects });
});
afterAll(() => stack?.close());

const github = async (path: string, change?: object) => {
  const { address } = stack.fleet.sandbox.github;
  const reply = await fetch(`${address}/repos/acme/shop/${path}`, {
    method: change ? 'PATCH' : 'GET',
    headers: { authorization: `Bearer ${stack.fleet.sandbox.tokens.github}` },
    ...(change ? { body: JSON.stringify(change) } : {}),
  });
  return (await reply.json()) as { state: string }[] & { state: string };
};
const sha = () => projectIn(stack.fleet, 'shop').newSha;
const lift = (who: 'casey' | 'morgan') =>
  stack.cli([
    ...['lift', 'shop', environment, sha().slice(0, 12), '--reason', 'the path was wrong'],
    ...stack.as(who),
  ]);

test('a bad release of a protected branch: a pull request for a person, and its issue opened again', async () => {
  stack.fleet.sandbox.git.protect('acme/shop', ['main']);
  await github('issues/1', { state: 'closed' });
  await stack.deploy('shop');
  await stack.reached('shop', 'approval');
  await stack.approve('shop');
  const report = await stack.report('shop');
  expect(report.outcome).toBe('rolled-back');
  const after = await stack.aftermath(report);
  const url = `${stack.fleet.sandbox.github.address}/acme/shop/pull/2`;
  expect(after).toMatchObject({ quarantined: true, revertSha: null, pull: url, reopened: [1] });
  expect(after.revertNote).toBe(
    `main still contains ${sha().slice(0, 7)}, so a person must merge pull request #2: ${url}`,
  );
  expect(await github('pulls')).toHaveLength(1);
  expect((await github('issues/1')).state).toBe('open');
  expect(await stack.truthOf('shop')).toEqual({ served: ['old old old'], main: 'new' });
});

test('the release is not deployed again until an approver lifts the quarantine', async () => {
  await stack.deploy('shop');
  const { outcome, reasons } = await stack.report('shop');
  expect(outcome).toBe('gate-closed');
  const command = `plimsoll lift shop production ${sha().slice(0, 12)} --reason "why it is safe"`;
  expect(reasons.join()).toContain(`or let an approver lift the quarantine: ${command}`);
  const agent = await lift('casey');
  expect([agent.code, agent.stderr]).toEqual([4, expect.stringContaining('casey is an agent')]);
  const approver = await lift('morgan');
  expect([approver.code, approver.stdout]).toEqual([
    0,
    `Lifted: morgan lifts the quarantine of ${sha().slice(0, 12)} in shop production.\n`,
  ]);
  expect((await lift('morgan')).code).toBe(2);
  await stack.deploy('shop');
  await stack.reached('shop', 'approval');
  expect((await stack.cli(['abort', 'shop', environment])).code).toBe(0);
});
