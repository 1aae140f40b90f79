import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Entry } from '../../domain/contract/activities.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, eventually, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { slackDoors } from '../support/slack-doors.ts';
import { everyText, leaks } from '../support/every-text.ts';
import { shipped, untouched } from '../support/witness.ts';

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const names = ['socket', 'http', 'no', 'late'] as const;
const fleetProjects: ProjectSpec[] = names.map((name) => ({ ...good, name, hosts: 1 }));

let stack: Stack;
let url: string;

beforeAll(async () => {
  const doors = await slackDoors();
  ({ url } = doors);
  stack = await startStack({
    fleetProjects,
    edit: (config, directory) => {
      config.slack.approvals = doors.approvals(directory);
    },
  });
});
afterAll(() => stack?.close());

const slack = () => stack.fleet.sandbox.slack;

/** Waits for the message that asks this person to approve the deploy of the project. */
const request = (fleetProject: string, member = 'U0MORGAN') =>
  eventually(`${member} is asked about ${fleetProject}`, () =>
    slack()
      .messages()
      .find(
        ({ name, text }) =>
          name === `@${member}` && text.includes(` be deployed to ${fleetProject} ${environment}?`),
      ),
  );
const ends = (fleetProject: string, line: string, member = 'U0MORGAN') =>
  eventually(`${member} reads: ${line}`, async () => {
    const { text, blocks } = await request(fleetProject, member);
    return text.endsWith(`\n${line}`) && !JSON.stringify(blocks).includes('"button"');
  });

async function asked(fleetProject: string) {
  await stack.deploy(fleetProject);
  await stack.reached(fleetProject, 'approval');
  return await request(fleetProject);
}
const rulings = async (fleetProject: string) =>
  (
    JSON.parse(
      (await stack.cli(['history', fleetProject, environment, '--json'])).stdout,
    ) as Entry[]
  )
    .filter(({ kind }) => kind === 'ruling')
    .map(({ body }) => body['ruling'] as { verdict: string; why: string });

test('a click through the socket deploys the commit of a pull request', async () => {
  const fleetProject = stack.fleet.fleetProjects.find(({ name }) => name === 'socket');
  const pull = { title: 'Take coupons', head: 'coupons', mergedAs: fleetProject?.newSha ?? '' };
  const { number } = stack.fleet.sandbox.github.createPull(fleetProject?.repository ?? '', pull);
  const message = await asked('socket');
  expect(message.text).toContain(`• #${number} Take coupons by `);
  expect(await slack().click({ user: 'U0MORGAN', button: 'Approve', message })).toBe(true);
  expect(await stack.report('socket')).toMatchObject({ outcome: 'succeeded' });
  await ends('socket', 'Closed: approved by morgan');
  await ends('socket', 'Closed: approved by morgan', 'U0ROBIN');
  expect(await stack.effectsOf('socket')).toEqual(shipped('socket-1'));
  expect(await rulings('socket')).toMatchObject([
    { verdict: 'counted', why: 'morgan says yes (a click at Slack)', via: 'slack' },
  ]);
});

test('a signed request deploys, and its replay changes nothing', async () => {
  const message = await asked('http');
  const payload = slack().payload({ user: 'U0ROBIN', button: 'Approve', message });
  expect(await slack().post(url, payload, { secret: 'guessed' })).toMatchObject({ status: 401 });
  expect((await stack.status('http')).rulings).toEqual([]);
  expect(await slack().post(url, payload)).toEqual({ status: 200, text: '' });
  expect(await slack().post(url, payload)).toEqual({ status: 200, text: '' });
  expect(await stack.report('http')).toMatchObject({ outcome: 'succeeded' });
  expect(await rulings('http')).toMatchObject([
    { verdict: 'counted', why: 'robin says yes (a click at Slack)' },
  ]);
});

test('clicks of others are refused, and one no closes it', async () => {
  const message = await asked('no');
  const agent = { user: 'U0CASEY', button: 'Approve', message } as const;
  expect(await slack().click(agent)).toBe(true);
  expect(await slack().click({ ...agent, user: 'U0MORGAN', team: 'T0OTHER' })).toBe(true);
  const why = (text: string) => `This click does not count. ${text}`;
  expect((await rulings('no')).map((one) => one.why.split('\n')[0])).toEqual([
    why('It came from the Slack workspace T0OTHER, not from T0SANDBOX. Nothing changed.'),
    why('casey is an agent: it may request deploys, but never approve. Nothing changed.'),
  ]);
  expect(await slack().click({ user: 'U0MORGAN', button: 'Reject', message })).toBe(true);
  expect(await stack.report('no')).toMatchObject({ outcome: 'rejected' });
  await ends('no', 'Closed: rejected by morgan');
  expect(await stack.effectsOf('no')).toEqual(untouched);
});

test('a click after the end is refused, and the person who clicked reads why', async () => {
  const message = await asked('late');
  const payload = slack().payload({ user: 'U0MORGAN', button: 'Approve', message });
  expect((await stack.cli(['abort', 'late', environment])).code).toBe(0);
  await ends('late', 'Closed: the deploy ended before a decision');
  expect(await stack.report('late')).toMatchObject({ outcome: 'aborted' });
  expect(payload).toBeDefined();
  expect(await slack().socket.deliver(payload)).toBe(true);
  const { text } = await eventually('morgan gets a message', () =>
    slack()
      .ephemerals()
      .find((one) => one.text.includes('status late')),
  );
  expect(text).toBe(
    'This click does not count. late production no longer waits for a decision: the deploy is ' +
      'closed. Nothing changed.\n' +
      'See the current deploy: plimsoll status late production',
  );
  expect(await rulings('late')).toMatchObject([{ verdict: 'void', approver: 'morgan' }]);
  expect(await stack.effectsOf('late')).toEqual(untouched);
});

test('neither of its secrets is shown anywhere', async () => {
  const { SLACK_APP_TOKEN: app = '', SLACK_SIGNING_SECRET: signing = '' } = stack.fleet.env;
  expect(leaks(await everyText(stack), { app, signing })).toEqual([]);
});
