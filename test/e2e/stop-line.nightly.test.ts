import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Entry } from '../../domain/contract/activities.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { thereAndBack, untouched } from '../support/witness.ts';

const good = {
  first: samples.good(1),
  next: samples.good(2),
  checks: 'success',
  hosts: 1,
} as const;
const names = ['live', 'held', 'leaves', 'late', 'hot'];
/** A project whose release takes 20 s to prepare. The test signs the stop during that time. */
const building = { ...good, name: 'building', environment: { prepare: 'sleep 20' } };
const fleetProjects: ProjectSpec[] = [...names.map((name) => ({ ...good, name })), building];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ fleetProjects });
});
afterAll(() => stack?.close());

const place = (name: string) => [name, environment];
const why = 'the database is full';
const stopped = `the line is stopped by casey since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC: "${why}"`;
const next =
  'Deploy again when an approver has lifted the stop: plimsoll stop-line "why it is safe" ' +
  '--lift. A hotfix needs --priority P0, a --reason and one more approver.';
const refused = {
  outcome: 'gate-closed',
  touched: false,
  reasons: [expect.stringMatching(`^stop: ${stopped}\\. ${next.replaceAll('.', '\\.')}$`)],
};

test('one signature stops an approved deploy; a rollback is still allowed', async () => {
  await stack.deploy('live');
  await stack.reached('live', 'approval');
  await stack.approve('live');
  await stack.reached('live', 'watch');
  for (const name of ['held', 'leaves']) await stack.deploy(name);
  for (const name of ['held', 'leaves']) await stack.reached(name, 'approval');
  await stack.deploy('building');
  await stack.reached('building', 'approval');
  await stack.approve('building');
  await stack.reached('building', 'release');

  const told = await stack.cli(['stop-line', why, ...stack.as('casey')]);
  expect(told).toMatchObject({
    code: 0,
    stdout: `Stopped: casey stops the line: "${why}". No new deploy starts in any project. A deploy that has reached production continues, and a rollback is always allowed.\n`,
  });

  await stack.approve('held');
  expect(await stack.report('held')).toMatchObject(refused);
  expect(await stack.effectsOf('held')).toEqual(untouched);
  expect(await stack.cli(['rollback', ...place('live')])).toMatchObject({ code: 0 });
  expect(await stack.report('live')).toMatchObject({ outcome: 'rolled-back' });
  expect(await stack.effectsOf('live')).toEqual(thereAndBack(['live-1'], false));
  expect(await stack.cli(['abort', ...place('leaves')])).toMatchObject({ code: 0 });
  expect(await stack.report('leaves')).toMatchObject({ outcome: 'aborted', touched: false });
  expect(await stack.report('building')).toMatchObject(refused);
  expect(await stack.truthOf('building')).toMatchObject({ served: ['old old old'] });
});

test('during the stop no approval is requested', async () => {
  await stack.deploy('late');
  expect(await stack.report('late')).toMatchObject(refused);
  expect((await stack.status('late')).rulings).toEqual([]);
  expect(await stack.effectsOf('late')).toEqual(untouched);
});

test('a hotfix passes with one more approver who saw the stop', async () => {
  await stack.deploy('hot', ['--priority', 'P0', '--reason', 'customers cannot pay']);
  const { sealed, gates } = await stack.reached('hot', 'approval');
  expect(sealed?.plan.rule).toMatchObject({ required: 2, eligible: ['morgan', 'robin'] });
  expect(gates.find(({ gate }) => gate === 'stop')).toMatchObject({
    open: true,
    reasons: [
      expect.stringMatching(
        `^a P0 deploy is allowed while the line is stopped \\(its reason: "customers cannot pay"\\): ${stopped}$`,
      ),
    ],
  });
  await stack.approve('hot', 'morgan');
  expect(await stack.status('hot')).toMatchObject({ phase: 'approval', outcome: null });
  expect(await stack.effectsOf('hot')).toEqual(untouched);
  await stack.approve('hot', 'robin');
  expect(await stack.report('hot')).toMatchObject({ outcome: 'succeeded' });
});

test('only an approver lifts it, and the next deploy goes through', async () => {
  const lift = ['stop-line', 'it has room again', '--lift'];
  expect(await stack.cli([...lift, ...stack.as('casey')])).toMatchObject({ code: 4 });
  await stack.deploy('late');
  expect(await stack.report('late')).toMatchObject(refused);

  expect(await stack.cli([...lift, ...stack.as('morgan')])).toMatchObject({
    code: 0,
    stdout: `Lifted: morgan lifts the stop of casey, "${why}". Deploys may start again, each with its own gates and approvals.\n`,
  });
  await stack.deploy('late');
  await stack.reached('late', 'approval');
  await stack.approve('late');
  expect(await stack.report('late')).toMatchObject({ outcome: 'succeeded' });
  const { stdout } = await stack.cli(['history', '--json', '--limit', '100']);
  const kinds = (JSON.parse(stdout) as Entry[]).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'stopped' || kind === 'resumed')).toEqual([
    'resumed',
    'stopped',
  ]);
});

test('during another stop, the previous release may be deployed', async () => {
  const fleetProject = stack.fleet.fleetProjects.find(({ name }) => name === 'late');
  const { oldSha = '', repository = '' } = fleetProject ?? {};
  const run = { name: 'ci', status: 'completed', conclusion: 'success' } as const;
  stack.fleet.sandbox.github.setCheckRun(repository, oldSha, run);
  expect(await stack.cli(['stop-line', why, ...stack.as('casey')])).toMatchObject({ code: 0 });
  await stack.deploy('late', ['--ref', oldSha]);
  const { sealed } = await stack.reached('late', 'approval');
  expect(sealed?.plan).toMatchObject({
    redeploysPrevious: true,
    rule: { required: 1 },
    warnings: expect.arrayContaining([
      'this deploy redeploys the previous release, so no freeze window and no stop blocks it',
    ]),
  });
  await stack.approve('late');
  expect(await stack.report('late')).toMatchObject({ outcome: 'succeeded' });
  expect(await stack.truthOf('late')).toMatchObject({ served: ['old old old'] });
});
