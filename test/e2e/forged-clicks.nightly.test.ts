import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Entry } from '../../domain/contract/activities.ts';
import type { Ruling, SealedPlan } from '../../domain/deploy/plan.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { claims, stage, wordsOf } from '../support/click-attack.ts';
import { clickAttacks } from '../support/click-attacks.ts';
import { environment, eventually, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import {
  castClicks,
  inTheOpen,
  nonceOfClick,
  pressBoth,
  replace,
  waitsFor,
  writtenTogether,
} from '../support/forged-clicks.ts';
import { slackDoors } from '../support/slack-doors.ts';
import { shipped, untouched } from '../support/witness.ts';

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const atBridge = clickAttacks.filter(({ refusedBy }) => refusedBy !== 'http');
const unsigned = clickAttacks.filter(({ refusedBy }) => refusedBy === 'http');
/**
 * Attacks on the deploy that waits. The tests of the bridge try the attacks that need another
 * approval rule.
 */
const direct = atBridge.filter(({ stands, before }) => !stands && !before);
/** Attacks that need a deploy in another state. Each attack has its own project. */
const elsewhere = atBridge
  .filter(({ stands, refusedBy }) => stands && refusedBy === 'bridge')
  .map((attack, index) => ({ attack, project: `place-${index + 1}` }));
/** Attacks that need an earlier click by robin. */
const repeated = atBridge.filter(({ before }) => before);
const names = ['forged', ...elsewhere.map(({ project }) => project)];
const fleetProjects: ProjectSpec[] = [
  ...names.map((name) => ({ ...good, name, hosts: 1 })),
  { ...good, name: 'halfway', hosts: 1, environment: { approvers: 2 } },
];

let stack: Stack;
let url: string;
let sealed: SealedPlan;
let place: Awaited<ReturnType<typeof inTheOpen>>;
beforeAll(async () => {
  const doors = await slackDoors();
  ({ url } = doors);
  stack = await startStack({
    fleetProjects,
    edit: (config, directory) => {
      castClicks(config);
      config.slack.approvals = { ...doors.approvals(directory), suffices: 'all' };
    },
  });
});
afterAll(() => stack?.close());

const slack = () => stack.fleet.sandbox.slack;
type Row = { deployId: string | null; why: string; verdict: string };
const rows = async (project: string): Promise<Row[]> => {
  const args = ['history', project, environment, '--limit', '200', '--json'];
  const entries = JSON.parse((await stack.cli(args)).stdout) as Entry[];
  return entries
    .filter(({ kind }) => kind === 'ruling')
    .map(({ deployId, body }) => ({ deployId, ...(body['ruling'] as Ruling) }))
    .map(({ deployId, why, verdict }) => ({ deployId, why, verdict }))
    .toReversed();
};
const toldTo = (user: string, text: string) =>
  slack()
    .ephemerals()
    .filter((one) => one.user === user && one.text === text).length;
/**
 * Expects that the user gets the text twice, once for each click. The replays of the clicks get
 * another text.
 */
const isTold = (user: string, text: string) =>
  eventually(`${user} gets twice: ${text}`, () => toldTo(user, text) === 2, 30_000);
const twice = <T>(all: T[]) => all.flatMap((one) => [one, one]);
const nothingHappened = async (project = 'forged') => {
  expect(await stack.status(project)).toMatchObject({ phase: 'approval', outcome: null });
  expect(await stack.effectsOf(project)).toEqual(untouched);
};

test(`${elsewhere.length} forged clicks where nothing is asked: none counts, each is told and recorded once`, async () => {
  for (const { attack, project } of elsewhere) {
    const waits = await waitsFor(stack, project);
    const { open } = await inTheOpen(stack, project);
    await replace(stack, attack, waits);
    const { there, click } = stage(attack, waits);
    await pressBoth(stack, url, () => ({ ...click, message: open }));
    const { told, recorded: why } = wordsOf(attack, there);
    await isTold(click.user, told ?? '');
    const { deployId } = waits.plan;
    expect(await rows(project)).toEqual(twice([{ deployId, why, verdict: 'void' }]));
    expect(await stack.effectsOf(project)).toEqual(untouched);
  }
});

test(`${direct.length} forged clicks on a deploy that waits: none counts, each is told and recorded once`, async () => {
  await writtenTogether(stack, 'forged');
  sealed = await waitsFor(stack, 'forged');
  expect(sealed.plan.rule).toMatchObject({ required: 1, eligible: ['robin'] });
  place = await inTheOpen(stack, 'forged');
  for (const attack of direct) {
    const { click } = stage(attack, sealed);
    await pressBoth(stack, url, () => ({
      ...click,
      ...attack.click?.(sealed),
      message: place.open,
    }));
    await isTold(click.user, wordsOf(attack, sealed).told ?? '');
  }
  const { deployId } = sealed.plan;
  const expected = direct.map((attack) => wordsOf(attack, sealed).recorded);
  expect(await rows('forged')).toEqual(
    twice(expected.map((why) => ({ deployId, why, verdict: 'void' }))),
  );
  const { rulings } = await stack.status('forged');
  expect(rulings.map(({ verdict }) => verdict)).toEqual(
    twice(direct.filter(({ refusedBy }) => refusedBy === 'judge')).map(() => 'void'),
  );
  await nothingHappened();
});

test('what names no place of ours is told, counts for nothing, and stands nowhere', async () => {
  const before = await rows('forged');
  const honest = { user: 'U0ROBIN', button: 'Approve', message: place.open } as const;
  const nowhere = claims(sealed, { project: 'nowhere' });
  for (const { value } of [{ value: '{"approve":"everything"}' }, nowhere])
    await pressBoth(stack, url, () => ({ ...honest, value }));
  await isTold(
    'U0ROBIN',
    'This click does not count. Plimsoll did not make this button. Nothing changed.\n' +
      'See whether a deploy waits: plimsoll status PROJECT ENVIRONMENT',
  );
  await isTold(
    'U0ROBIN',
    'This click does not count. Nothing waits for a decision in nowhere production. Nothing ' +
      'changed.\n' +
      'See the current deploy: plimsoll status nowhere production',
  );
  expect(await rows('forged')).toEqual(before);
  await nothingHappened();
});

test(`${unsigned.length} requests that Slack did not sign just now leave no trace`, async () => {
  const [before, told] = [await rows('forged'), slack().ephemerals().length];
  for (const { request, why } of unsigned) {
    const payload = slack().payload({ user: 'U0ROBIN', button: 'Approve', message: place.asked });
    expect(await slack().post(url, payload, request?.())).toEqual({ status: 401, text: why });
  }
  expect(await rows('forged')).toEqual(before);
  expect(slack().ephemerals()).toHaveLength(told);
  await nothingHappened();
});

test('the genuine click counts and ships; its replay through the other door changes nothing', async () => {
  const before = await rows('forged');
  const payload = slack().payload({ user: 'U0ROBIN', button: 'Approve', message: place.asked });
  expect(await slack().post(url, payload)).toEqual({ status: 200, text: '' });
  expect(await slack().socket.deliver(payload)).toBe(true);
  expect(await stack.report('forged')).toMatchObject({ outcome: 'succeeded' });
  expect(await slack().socket.deliver(payload)).toBe(true);
  const { deployId } = sealed.plan;
  const why = 'robin says yes (a click at Slack)';
  expect(await rows('forged')).toEqual([...before, { deployId, why, verdict: 'counted' }]);
  expect(await stack.effectsOf('forged')).toEqual(shipped('forged-1'));
});

test('one of two approvals is not made two: neither by another click nor at another worker', async () => {
  const halfway = await waitsFor(stack, 'halfway');
  const { asked } = await inTheOpen(stack, 'halfway');
  const honest = { user: 'U0ROBIN', button: 'Approve', message: asked } as const;
  const payload = slack().payload(honest);
  const ruled = (count: number) =>
    eventually(`${count} rulings`, async () => (await rows('halfway')).length === count);
  expect(await slack().socket.deliver(payload)).toBe(true);
  await ruled(1);
  expect(await slack().click(honest)).toBe(true);
  await ruled(2);
  await stack.workers.stop();
  await stack.workers.start();
  await eventually('the new worker accepts a click', async () => {
    return (await slack().post(url, payload)).status === 200;
  });
  await ruled(3);
  const { deployId } = halfway.plan;
  const words = repeated.map((attack) => wordsOf(attack, halfway, nonceOfClick(payload)));
  expect(await rows('halfway')).toEqual([
    { deployId, why: 'robin says yes (a click at Slack)', verdict: 'counted' },
    ...words.map(({ recorded: why }) => ({ deployId, why, verdict: 'void' })),
  ]);
  await nothingHappened('halfway');
});
