import { afterAll, beforeAll, expect, test } from 'vitest';
import { samples } from '../../sandbox/samples/samples.ts';
import { eventually, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    fleetProjects: [
      {
        ...{ name: 'found', hosts: 1, checks: 'success' },
        ...{ first: samples.good(1), next: samples.crashesAtStart() },
      },
    ],
  });
  await stack.fault('slack', '/', 'drop-before', 1000);
});
afterAll(() => stack?.close());

test('a message that Slack does not take is sent as a page', { timeout: 360_000 }, async () => {
  await stack.deploy('found');
  await stack.reached('found', 'approval');
  await stack.approve('found');
  expect(await stack.report('found')).toMatchObject({ outcome: 'rolled-back' });
  const title = 'found production was rolled back';
  const calls = stack.fleet.sandbox.pager.calls;
  const isThere = () => calls().find((call) => call.title === title);
  // Plimsoll tries Slack for two minutes, then it sends a page instead.
  const { text } = await eventually('a page reports the incident', isThere, 300_000);
  expect(text).toMatch(
    /ended rolled-back: [^]*\nCause: missing secret\. main: reverted by [0-9a-f]{7}\n/,
  );
  expect(text).toContain('Slack does not answer, so this message is sent as a page.');
  expect(await stack.slackMessages()).toEqual([]);
  // There is only one page.
  expect(calls().map((call) => call.title)).toEqual([title]);
});
