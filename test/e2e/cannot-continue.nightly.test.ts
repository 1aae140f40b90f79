import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, eventually, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { createTerminator } from '../support/lost.ts';
import { cloneInto } from '../support/second-clone.ts';
import { slackDoors } from '../support/slack-doors.ts';

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const names = ['live', 'asked', 'fine'];
const fleetProjects: ProjectSpec[] = names.map((name) => ({ ...good, name, hosts: 1 }));
const old = 'old old old';

/**
 * A release of Plimsoll that checks the gates in another order than the running one. It cannot
 * continue a deploy that the running release began.
 */
function nextRelease(directory: string): string {
  const root = join(directory, 'next-release');
  cloneInto(fileURLToPath(new URL('../..', import.meta.url)), root);
  const file = join(root, 'workflows/preflight.ts');
  const text = readFileSync(file, 'utf8');
  const from = /const asked = await Promise\.all\(\n([\s\S]+?)\n {2}\);/;
  expect(text).toMatch(from);
  const to = `const asked: GateReport[] = [];
  for (const { gate, check, input } of checksOf(plan, { hold }))
    asked.push(await failClosed(gate, checks[check](input)));`;
  writeFileSync(file, text.replace(from, to));
  return root;
}

let stack: Stack;
let by: ReturnType<typeof createTerminator>;
beforeAll(async () => {
  const doors = await slackDoors();
  stack = await startStack({
    fleetProjects,
    // The watch takes 2 minutes, so it is open while the worker is updated.
    timeScale: 15,
    edit: (config, directory) => {
      config.slack.approvals = doors.approvals(directory);
    },
  });
  by = createTerminator(stack);
  await by.alone();
});
afterAll(() => stack?.close());

const cannot = (project: string) =>
  eventually(`a page about ${project}`, () =>
    by.pagesOf(project).find(({ title }) => title.endsWith('Plimsoll cannot continue this deploy')),
  );
const failing = /\d+ workflow tasks failed since [\d:]+Z: .*Nondeterminism/;

test('a deploy that really hangs is paged within 10 minutes, by the worker itself', async () => {
  await Promise.all(['live', 'asked'].map((project) => stack.deploy(project)));
  await Promise.all(['live', 'asked'].map((project) => stack.reached(project, 'approval')));
  await stack.approve('live');
  await stack.reached('live', 'watch');
  await stack.workers.kill();
  const updated = Date.now();
  await stack.workers.start(nextRelease(stack.directory));
  const page = await cannot('live');
  const minutes = (Date.now() - updated) / 60_000;
  process.stderr.write(`paged ${minutes.toFixed(1)} min after the update\n`);
  expect(minutes).toBeLessThan(10);
  expect(page.text).toMatch(failing);
  expect(page.text).toMatch(/\nLive now: UNKNOWN: \w{7} or \w{7}\.\n/);
  expect(page.text).toContain('finish its rollback: plimsoll recover live production');
  const posted = await eventually('the incident channel gets the text too', () =>
    stack.fleet.sandbox.slack
      .messages()
      .find(({ name, text }) => name === '#incidents' && text.startsWith(page.title)),
  );
  expect(posted.text).toContain('plimsoll recover live production');
});

test('the CLI names it, sends it no order and does not wait for it', async () => {
  const status = await stack.cli(['status', 'live', environment]);
  expect(status.code).toBe(1);
  expect(status.stdout).toContain('do this: plimsoll recover live production');
  const order = await stack.cli(['rollback', 'live', environment]);
  expect(order.code).toBe(1);
  expect(order.stderr).toContain('The deploy would not process rollback, so nothing was sent.');
  const watch = await stack.cli(['watch', 'live', environment]);
  expect(watch.code).toBe(1);
  const reconcile = await stack.cli(['reconcile']);
  expect(reconcile.code).toBe(1);
  expect(reconcile.stdout).toContain('live production: Plimsoll cannot continue this deploy');
});

test('a click on it is refused, with the command that frees it', async () => {
  const { slack } = stack.fleet.sandbox;
  const message = slack
    .messages()
    .find(({ name, text }) => name === '@U0MORGAN' && text.includes('asked production'));
  expect(message).toBeDefined();
  const click = () =>
    slack.click({ user: 'U0MORGAN', button: 'Approve', ...(message ? { message } : {}) });
  // A deploy that waits has no workflow task until its reminder is due.
  await cannot('asked');
  expect(await click()).toBe(true);
  const refused = await eventually('the person who clicked reads why', () =>
    slack.ephemerals().find(({ text }) => text.startsWith('This click does not count.')),
  );
  expect(refused.text).toBe(
    'This click does not count. Plimsoll cannot continue the deploy of asked production, so it ' +
      'would not process the click. Nothing changed.\n' +
      'End the deploy and finish its rollback: plimsoll recover asked production',
  );
});

test('recover ends it and finishes the rollback, and the next deploy starts', async () => {
  const recovered = await stack.cli(['recover', 'live', environment]);
  expect(recovered.stdout).toMatch(
    /^live production \w{7}: rolled-back: it was terminated: rolled back from /,
  );
  expect(recovered.code).toBe(0);
  expect(await stack.truthOf('live')).toEqual({ served: [old], main: 'new' });
  await by.expectPage('live', 'rolled back, proven on every host');
  const untouched = await stack.cli(['recover', 'asked', environment]);
  expect(untouched.stdout).toMatch(
    /^asked production \w{7}: aborted: it was terminated: the deploy had not /,
  );
  expect(await stack.truthOf('asked')).toEqual({ served: [old], main: 'new' });
  await stack.deploy('fine');
  await stack.reached('fine', 'approval');
  await stack.deploy('asked');
  await stack.reached('asked', 'approval');
});
