import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Entry } from '../../domain/contract/activities.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, eventually, projectIn, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { createTerminator, ends } from '../support/lost.ts';
import type { Terminator } from '../support/lost.ts';

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const fleetProjects: ProjectSpec[] = [
  { ...good, name: 'asked', hosts: 1 },
  { ...good, name: 'mixed', hosts: 2 },
  { ...good, name: 'watched', hosts: 1 },
  { ...good, name: 'silent', hosts: 1 },
];

let stack: Stack;
let by: Terminator;
beforeAll(async () => {
  stack = await startStack({ fleetProjects });
  by = createTerminator(stack);
  await by.alone();
});
afterAll(() => stack?.close());

const entriesOf = async (project: string): Promise<Entry[]> =>
  JSON.parse((await stack.cli(['history', project, environment, '--json'])).stdout) as Entry[];

test('terminated in the approval, between two hosts, and in the watch: each ends fully old, with a page', async () => {
  await stack.fault('vps', 'mixed-1 restart', 'hold');
  const three = ['asked', 'mixed', 'watched'];
  await Promise.all(three.map((project) => stack.deploy(project)));
  await Promise.all(three.map((project) => stack.reached(project, 'approval')));
  await Promise.all(['mixed', 'watched'].map((project) => stack.approve(project)));
  await eventually('mixed-1 restarts', async () => {
    const effects = await stack.effectsOf('mixed');
    return effects['mixed-1 restart'];
  });
  await stack.reached('watched', 'watch');
  await Promise.all(three.map(by.terminate));
  await stack.release();
  const found = ['asked aborted', 'mixed rolled-back', 'watched rolled-back'];
  expect(await by.reconcile()).toEqual(found);
  const old = 'old old old';
  expect(await stack.truthOf('asked')).toEqual({ served: [old], main: 'new' });
  expect(await stack.truthOf('mixed')).toEqual({ served: [old, old], main: 'new' });
  expect(await stack.truthOf('watched')).toEqual({ served: [old], main: 'new' });
  await by.expectPage('asked', ends.before);
  await by.expectPage('mixed', ends.withdrawn);
  await by.expectPage('watched', ends.withdrawn);
  for (const project of three) expect(by.pagesOf(project)).toHaveLength(1);
});

test('what was reconciled is recorded, nothing is found twice, and the next deploy may start', async () => {
  const kinds = await eventually('the aftermath of watched ends', async () => {
    const entries = await entriesOf('watched');
    return entries.some(({ kind }) => kind === 'revert') ? entries.map(({ kind }) => kind) : null;
  });
  expect(kinds.toReversed()).toEqual([
    ...['started', 'ruling', 'approved', 'released', 'rolling-back', 'closed'],
    ...['incident', 'revert'],
  ]);
  const again = await stack.cli(['reconcile']);
  expect(again).toMatchObject({ code: 0 });
  expect(again.stdout).toBe('No deploy was lost: every deploy is open, or has ended.\n');
  await stack.deploy('mixed');
  await stack.reached('mixed', 'approval');
  expect(await by.reconcile()).toEqual([]);
  await stack.cli(['abort', 'mixed', environment]);
});

test('an incident has its draft, is closed by a person once, and is not open any more', async () => {
  const list = await stack.cli(['incidents', '--project', 'watched', '--json']);
  const [one] = JSON.parse(list.stdout) as { incident: string; closed: unknown }[];
  expect(one).toMatchObject({ severity: 'SEV4', closed: null, project: 'watched' });
  const id = one?.incident ?? '';
  const { stdout } = await stack.cli(['incidents', id]);
  const headings = ['Timeline', 'Root cause', 'Impact', 'Fix', 'Prevention'];
  for (const heading of headings) expect(stdout).toContain(`## ${heading}`);
  expect(stdout).toContain('The branch: not reverted');
  const closed = await stack.cli(['incidents', 'close', id, '--by', 'morgan', '--note', 'wiki']);
  expect(closed).toMatchObject({ code: 0, stdout: `${id} is closed by morgan.\n` });
  const twice = await stack.cli(['incidents', 'close', id, '--by', 'robin']);
  expect(twice).toMatchObject({ code: 2 });
  expect(twice.stderr).toContain(`${id} is already closed, by morgan at`);
  const unknown = await stack.cli(['incidents', 'close', 'incident-none', '--by', 'robin']);
  expect(unknown.stderr).toBe(
    'No incident "incident-none" is recorded: nothing was closed.\n' +
      'Open incidents: plimsoll incidents\n',
  );
});

/** Makes a release of the first host current, without Plimsoll. */
async function serveByHand(project: string, sha: string) {
  const link = join(projectIn(stack.fleet, project).hosts[0]?.directory ?? '', 'current');
  await rm(link);
  await symlink(`releases/${sha}`, link);
}

test('a release that was rolled back and is served again is rolled back again, with one page', async () => {
  const { newSha } = projectIn(stack.fleet, 'watched');
  const pages = () => by.pagesOf('watched').filter(({ title }) => title.includes('again'));
  expect(await by.guarded('watched')).toMatchObject({ verdict: 'same' });
  await serveByHand('watched', newSha);
  expect(await by.guarded('watched')).toMatchObject({ verdict: 'other', returned: newSha });
  await stack.handle('watched').result();
  expect(await by.guarded('watched')).toMatchObject({ verdict: 'same' });
  expect(pages().map(({ title }) => title)).toEqual([
    `watched production serves the rolled back release ${newSha.slice(0, 7)} again`,
  ]);
  expect(await stack.truthOf('watched')).toMatchObject({ served: ['old old old'] });
});

test('worker and server killed for good in the watch: Slack itself posts that the deploy went silent', async () => {
  await stack.deploy('silent');
  await stack.reached('silent', 'approval');
  await stack.approve('silent');
  const { deployId } = await stack.reached('silent', 'watch');
  const { slack } = stack.fleet.sandbox;
  const due = () => slack.scheduled().filter(({ text }) => text.includes(deployId));
  await eventually('the dead man’s switch is set', () => due().length === 1);
  await stack.workers.kill();
  await stack.server.kill();
  const message = await eventually('Slack posts the message', () =>
    slack.messages().find(({ text, name }) => name === '#incidents' && text.includes(deployId)),
  );
  expect(message.text).toContain('WENT SILENT: no update since');
  expect(message.text).toContain('plimsoll status silent production');
  expect(due()).toEqual([]);
  await stack.server.startAgain();
  await stack.workers.start();
  expect(await stack.report('silent')).toMatchObject({ outcome: 'succeeded' });
  expect(due()).toEqual([]);
});

test('a good deploy is a GitHub deployment that succeeded, and at most three pings', async () => {
  const { deployId } = await stack.status('silent');
  const posts = stack.fleet.sandbox.slack
    .messages()
    .filter(({ metadata }) => metadata?.event_payload['deploy_id'] === deployId)
    .map(({ name, metadata }) => `${name} ${String(metadata?.event_payload['step'])}`);
  const pings = posts.filter((post) => !post.startsWith('@U0ROBIN'));
  expect(pings.toSorted()).toEqual([
    '#deployments final',
    '#deployments parent',
    '@U0MORGAN approval-request',
  ]);
  const states = stack.fleet.sandbox.board.effects
    .filter(
      ({ operation, detail }) =>
        operation === 'createDeploymentStatus' && detail.startsWith('acme/silent '),
    )
    .map(({ detail }) => detail.split(' ').at(-1));
  expect(states).toEqual(['in_progress', 'success']);
});

test('a change by hand on a host is paged once, with both commits and the author of the change', async () => {
  const { oldSha, newSha } = projectIn(stack.fleet, 'silent');
  const pages = () => by.pagesOf('silent').filter(({ title }) => title.includes('did not deploy'));
  expect(await by.guarded('silent')).toMatchObject({ verdict: 'same' });
  await serveByHand('silent', oldSha);
  expect(await by.guarded('silent')).toMatchObject({ verdict: 'other' });
  expect(await by.guarded('silent')).toMatchObject({ verdict: 'other' });
  expect(pages().map(({ title }) => title)).toEqual([
    'silent production serves a release that Plimsoll did not deploy',
  ]);
  expect(pages()[0]?.text).toMatch(new RegExp(`Deployed last: ${newSha}, succeeded `));
  expect(pages()[0]?.text).toMatch(new RegExp(`Served: ${oldSha} ".+" by .+ <.+@.+>`));
  await serveByHand('silent', newSha);
  expect(await by.guarded('silent')).toMatchObject({ verdict: 'same' });
});
