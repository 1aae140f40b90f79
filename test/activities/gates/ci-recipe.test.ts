import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestsGate } from '../../../activities/gates/tests.ts';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import { createGitHub } from '../../../activities/github/github.ts';
import { signRequest } from '../../../client/sign/request.ts';
import type { Io } from '../../../client/io.ts';
import type { Config } from '../../../domain/config/config.ts';
import { startGithub } from '../../../sandbox/github/github.ts';
import type { Github } from '../../../sandbox/github/github.ts';
import { recipe } from '../../support/ci-recipe.ts';
import { makeKey } from '../../support/keys.ts';
import { memory, plan as planned } from '../../support/planning.ts';
import { hostAndGit } from '../git/host.ts';
import { planFor } from '../plan/plan-fixture.ts';

const name = 'acme/shop';
const { tests, jobs } = recipe;

let at: Awaited<ReturnType<typeof hostAndGit>>;
let hub: Github;
let sha: string;
beforeAll(async () => {
  at = await hostAndGit();
  hub = await startGithub({
    ...{ board: at.board, repositories: at.host.repositories, token: 'gh-token' },
  });
  [sha] = (await at.host.createRepository(name, [{ files: { a: '1' }, message: 'First' }])) as [
    string,
  ];
});
afterAll(() => Promise.all([hub.close(), at.close()]));

const io = (env: NodeJS.ProcessEnv) => ({ env, asks: false, say: () => {} }) as unknown as Io;
const requestFrom = (env: NodeJS.ProcessEnv) =>
  signRequest(io(env), {
    ...{ as: 'ci', key: makeKey().path, project: 'shop', environment: 'production' },
    ...{ ref: sha, reason: 'a new basket', priority: 'normal' },
  });

/** The variables that GitHub Actions sets in the job that deploys. */
const inJob = (run: number) => ({
  ...{ GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: name },
  ...{ GITHUB_RUN_ID: String(run), GITHUB_JOB: 'deploy' },
});

async function gate(env: NodeJS.ProcessEnv) {
  const { request } = await requestFrom(env);
  const settings = { required: [], critical: [], minimumTests: 0, ...tests };
  const shop = { tests: settings, branch: 'main', environments: {} };
  const config = { projects: { shop }, sandbox: false } as unknown as Config;
  const github = createGitHub({ api: hub.address, token: 'gh-token', variable: 'GITHUB_TOKEN' });
  const ci = request.ci === undefined ? {} : { ci: request.ci };
  const plan = planFor({ sha, repository: at.host.url(name), github: name, ...ci });
  return await createTestsGate({ config, git: at.git, github })({ plan, wait: true });
}

/** Starts the workflow of the example: its tests are green, and its deploy job runs. */
function start() {
  const run = hub.startRun(name, sha, { path: recipe.path });
  hub.setCheckRun(name, sha, { name: 'test', status: 'completed', run });
  hub.setCheckRun(name, sha, { name: 'deploy', status: 'in_progress', run });
  const end = (conclusion: 'success' | 'failure') =>
    hub.setCheckRun(name, sha, { name: 'deploy', status: 'completed', conclusion, run });
  const again = () => hub.setCheckRun(name, sha, { name: 'deploy', status: 'in_progress', run });
  return { run, end, again };
}

test('the example workflow is the recipe of the page', () => {
  expect(Object.keys(jobs)).toEqual(['test', 'deploy']);
  expect(jobs.deploy.steps.filter(({ run }) => run === recipe.command)).toHaveLength(1);
  expect(recipe.testsInExample).toEqual(tests);
  expect(recipe.path).toBe('.github/workflows/deploy.yml');
});

test('the documented recipe opens the gate at the first push, again, and by hand', async () => {
  const succeeded = '1 required check succeeded: test';
  const own = (run: number, state = 'in_progress') =>
    `check "deploy" (${state}) does not count: it is the job that requested this deploy, in run ${run}`;
  const excused =
    'check "deploy" ended failure and is ignored: the job that requests deploys fails when a gate ' +
    'is closed';
  const idle = excused.replace(/^.* is ignored/, 'tests.ignore "deploy" excuses no failure now');
  const source = 'required checks were read from tests.required, rulesets, branch protection';
  const first = start();
  expect(await gate(inJob(first.run))).toMatchObject({
    ...{ open: true, reasons: [succeeded, own(first.run), idle, source] },
  });
  first.end('failure');
  expect(await gate(inJob(first.run))).toMatchObject({
    ...{ open: true, reasons: [succeeded, own(first.run, 'failure'), idle, source] },
  });
  first.again();
  expect(await gate(inJob(first.run))).toMatchObject({ open: true });
  first.end('failure');
  const second = start();
  expect(await gate(inJob(second.run))).toMatchObject({
    ...{ open: true, loud: 1, reasons: [excused, succeeded, own(second.run), source] },
  });
  second.end('success');
  expect(await gate({})).toMatchObject({
    ...{ open: true, loud: 1, reasons: [excused, succeeded, source] },
  });
});

test('the signed request names the job of GitHub Actions, and the plan repeats it', async () => {
  const ci = { repository: name, run: '77', job: 'deploy' };
  expect((await requestFrom(inJob(77))).request.ci).toEqual(ci);
  memory.ledger = await openLedger({ path: ':memory:' });
  for (const missing of ['GITHUB_ACTIONS', 'GITHUB_RUN_ID', 'GITHUB_JOB', 'GITHUB_REPOSITORY'])
    expect((await requestFrom({ ...inJob(77), [missing]: undefined })).request.ci).toBe(undefined);
  expect((await planned({}, { ci })).ci).toEqual(ci);
  expect((await planned()).ci).toBe(undefined);
});
