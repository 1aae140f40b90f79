import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Entry } from '../../domain/activities.ts';
import { Board } from '../../sandbox/board.ts';
import type { ShipSpec } from '../../sandbox/fleet.ts';
import { samples } from '../../sandbox/samples.ts';
import { startSmtp } from '../../sandbox/smtp.ts';
import type { Smtp } from '../../sandbox/smtp.ts';
import { environment, eventually, shipOf, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { shipped, thereAndBack } from '../support/witness.ts';

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const ships: ShipSpec[] = [
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
    ships,
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

test('what is live is adopted: recorded, served on, and not touched', async () => {
  const { oldSha } = shipOf(stack.fleet, 'found');
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

test('a bad one is taken back, and what a person must do comes by webhook and by mail', async () => {
  const { oldSha, newSha } = shipOf(stack.fleet, 'foul');
  expect(await stack.report('foul')).toMatchObject({ outcome: 'rolled-back', touched: true });
  expect(await stack.truthOf('foul')).toEqual({ served: ['old old old'], main: 'new' });
  const title = 'foul production: a person must revert main';
  const called = await eventually('a page', () =>
    stack.fleet.sandbox.pager.calls().find((call) => call.title === title),
  );
  const [old, next] = [oldSha, newSha].map((sha) => sha.slice(0, 7));
  expect(called.text).toContain(`Production is back on ${old}, but main still has ${next}: `);
  expect(called.text).toContain('a person must merge pull request #2');
  const mail = await eventually('a mail', () =>
    smtp.mails().find(({ raw }) => raw.includes(title)),
  );
  expect(mail).toMatchObject({ to: ['night@example.com'] });
  // Quoted-printable breaks lines where it likes.
  expect(mail.raw.replaceAll('=\r\n', '')).toContain('a person must merge pull request #2');
  const asked = { ...thereAndBack(['foul-1'], false), 'github createPull': 1 };
  expect(await stack.effectsOf('foul')).toEqual(asked);
});

test('a first deploy that fails after an adoption goes back to what was adopted', async () => {
  const { oldSha } = shipOf(stack.fleet, 'found');
  const report = await stack.report('found');
  expect(report).toMatchObject({ outcome: 'rolled-back', touched: true });
  const { sealed } = await stack.status('found');
  expect(sealed?.plan.restoreTo).toMatchObject({ sha: oldSha });
  expect((await stack.truthOf('found')).served).toEqual(['old old old']);
  await eventually('main is reverted', async () => {
    const { main } = await stack.truthOf('found');
    return main === 'reverted';
  });
});

test('what nobody could read in Slack comes as a page', { timeout: 360_000 }, async () => {
  const title = 'found production was taken back';
  const calls = stack.fleet.sandbox.pager.calls;
  const isThere = () => calls().find((call) => call.title === title);
  // Slack is asked for two minutes before it is given up.
  const { text } = await eventually('the incident is paged', isThere, 300_000);
  expect(text).toMatch(
    /ended rolled-back: [^]*\nCause: missing secret\. main: reverted by [0-9a-f]{7}\n/,
  );
  expect(text).toContain('Slack does not answer, so this comes as a page.');
  expect(await stack.slackMessages()).toEqual([]);
  // Nobody was woken for the deploy that went well, and nobody twice.
  expect(calls().map((call) => call.title)).toEqual([
    expect.stringContaining('foul production: a person must revert main'),
    title,
  ]);
});
