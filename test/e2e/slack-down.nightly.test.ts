import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Entry } from '../../domain/contract/activities.ts';
import { Board } from '../../sandbox/board.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { startSmtp } from '../../sandbox/pager/smtp.ts';
import type { Smtp } from '../../sandbox/pager/smtp.ts';
import { environment, eventually, projectIn, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { shipped, thereAndBack } from '../support/witness.ts';

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const fleetProjects: ProjectSpec[] = [
  { ...good, name: 'fair', hosts: 1 },
  { ...good, name: 'foul', hosts: 1, next: samples.failsLater(60) },
  { ...good, name: 'found', hosts: 1, next: samples.crashesAtStart() },
];

let stack: Stack;
let smtp: Smtp;
beforeAll(async () => {
  smtp = await startSmtp({ board: new Board() });
  const mail = { from: 'plimsoll@example.com', to: ['night@example.com'] };
  stack = await startStack({
    fleetProjects,
    timeScale: 120,
    edit: (config) => {
      config.page.smtp = { host: smtp.host, port: smtp.port, ...mail };
    },
  });
  await stack.fault('slack', '/', 'drop-before', 1000);
  stack.fleet.sandbox.git.protect('acme/foul', ['main']);
});
afterAll(async () => {
  await stack?.close();
  await smtp?.close();
});

async function approved(project: string) {
  await stack.deploy(project);
  await stack.reached(project, 'approval');
  await stack.approve(project);
}
const entriesOf = async (project: string) => {
  const { stdout } = await stack.cli(['history', project, environment, '--json']);
  return (JSON.parse(stdout) as Entry[]).toReversed();
};

test('the live release is adopted: recorded, still served, and not touched', async () => {
  const { oldSha } = projectIn(stack.fleet, 'found');
  const answer = await stack.cli(['adopt', 'found', environment, ...stack.as('casey')]);
  expect(answer).toMatchObject({ code: 0 });
  expect(answer.stdout).toMatch(new RegExp(`^Adopted ${oldSha.slice(0, 7)} on \\S+ as `));
  const [adopted] = await entriesOf('found');
  expect(adopted).toMatchObject({ kind: 'adopted', body: { sha: oldSha, requestedBy: 'casey' } });
  expect(await stack.truthOf('found')).toEqual({ served: ['old old old'], main: 'new' });
  expect((await stack.effectsOf('found'))['found-1 restart']).toBeUndefined();
});

test('with Slack down from the first minute to the last a good deploy succeeds', async () => {
  await Promise.all(['fair', 'foul', 'found'].map(approved));
  expect(await stack.report('fair')).toMatchObject({ outcome: 'succeeded' });
  expect(await stack.effectsOf('fair')).toEqual(shipped('fair-1'));
  expect(await stack.truthOf('fair')).toEqual({ served: ['new new new'], main: 'new' });
});

test('a bad one is rolled back, and the work for a person is sent by webhook and by mail', async () => {
  const { oldSha, newSha } = projectIn(stack.fleet, 'foul');
  expect(await stack.report('foul')).toMatchObject({ outcome: 'rolled-back', touched: true });
  expect(await stack.truthOf('foul')).toEqual({ served: ['old old old'], main: 'new' });
  const title = 'foul production: a person must revert main';
  const called = await eventually('a page arrives', () =>
    stack.fleet.sandbox.pager.calls().find((call) => call.title === title),
  );
  const [old, next] = [oldSha, newSha].map((sha) => sha.slice(0, 7));
  expect(called.text).toContain(
    `Production serves ${old} again, but main still contains ${next}: `,
  );
  expect(called.text).toContain('a person must merge pull request #2');
  const mail = await eventually('a mail arrives', () =>
    smtp.mails().find(({ raw }) => raw.includes(title)),
  );
  expect(mail).toMatchObject({ to: ['night@example.com'] });
  // Quoted-printable may break a line anywhere, so the lines are joined first.
  expect(mail.raw.replaceAll('=\r\n', '')).toContain('a person must merge pull request #2');
  const asked = { ...thereAndBack(['foul-1'], false), 'github createPull': 1 };
  expect(await stack.effectsOf('foul')).toEqual(asked);
});

test('a first deploy that fails after an adoption is rolled back to the adopted release', async () => {
  const { oldSha } = projectIn(stack.fleet, 'found');
  const report = await stack.report('found');
  expect(report).toMatchObject({ outcome: 'rolled-back', touched: true });
  const { sealed } = await stack.status('found');
  expect(sealed?.plan.rollbackTarget).toMatchObject({ sha: oldSha });
  expect((await stack.truthOf('found')).served).toEqual(['old old old']);
  await eventually('main is reverted', async () => {
    const { main } = await stack.truthOf('found');
    return main === 'reverted';
  });
});

test('nobody was paged for the good deploy, and nobody twice', async () => {
  const called = stack.fleet.sandbox.pager.calls().map((call) => call.title);
  expect(called).toEqual(['foul production: a person must revert main']);
  expect(await stack.slackMessages()).toEqual([]);
});
