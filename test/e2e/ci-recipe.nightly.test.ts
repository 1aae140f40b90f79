import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { signRequest } from '../../client/sign/request.ts';
import { exitCodes } from '../../client/exit-codes.ts';
import { deployId as workflowIdOf, messages } from '../../domain/deploy/wire.ts';
import { timing } from '../../domain/deploy/timing.ts';
import type { Project } from '../../domain/config/config.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { recipe } from '../support/ci-recipe.ts';
import type { Job } from '../support/ci-recipe.ts';
import { editConfig, environment, projectIn, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { createRunner } from '../support/github-runner.ts';
import { recordedIo } from '../support/io.ts';
import { makeKey } from '../support/keys.ts';
import { freePort } from '../../worker/engine/free-port.ts';

const timeScale = 60;
const ci = makeKey();
const fleetProjects: ProjectSpec[] = [
  {
    ...{ name: 'shop', hosts: 1, first: samples.good(1), next: samples.good(2), checks: 'none' },
    project: { tests: recipe.tests },
  },
];

let stack: Stack;
let runner: ReturnType<typeof createRunner>;
beforeAll(async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  stack = await startStack({
    ...{ fleetProjects, timeScale },
    edit: (config) => {
      config.requesters.ci = { keys: [ci.publicKey] };
      config.web = { listen: `127.0.0.1:${port}`, url };
    },
  });
  const { github } = stack.fleet.sandbox;
  runner = createRunner({
    ...{ github, repository: repository(), directory: join(stack.directory, 'runner') },
    expressions: {
      'secrets.PLIMSOLL_KEY': readFileSync(ci.path, 'utf8'),
      'vars.PLIMSOLL_SERVER': url,
    },
  });
});
afterAll(() => stack?.close());

const project = () => projectIn(stack.fleet, 'shop');
const repository = () => project().repository;
let version = 2;
/** Pushes a new release to main. */
const push = () =>
  stack.fleet.sandbox.git.commit(repository(), {
    ...{ files: samples.good((version += 1)), message: `shop ${version}` },
    author: { name: 'Casey', email: 'casey@example.com' },
  });
const setCheck = (sha: string, name: string, conclusion: 'success' | 'failure') =>
  stack.fleet.sandbox.github.setCheckRun(repository(), sha, {
    ...{ name, status: 'completed', conclusion },
  });
/** The conclusions of all check runs with this name on the commit; the oldest is the first. */
const conclusions = (sha: string, name = 'deploy') =>
  stack.fleet.sandbox.github
    .state(repository())
    .checkRuns.filter((run) => run.head_sha === sha && run.name === name)
    .map(({ conclusion }) => conclusion);

/** Writes the settings of the tests gate into plimsoll.yaml, and starts the worker again. */
async function configure(tests: Partial<Project['tests']>) {
  await editConfig(stack.fleet.configPath, (config) => {
    config.projects.shop.tests = tests;
  });
  await stack.workers.stop();
  await stack.workers.start();
}

/** The log of a command whose deploy waits for its approval. stdout and stderr are mixed. */
const gatesAreOpen = expect.stringMatching(
  /^The gates are open; waiting for: 1 approval by morgan or robin, until \S+\.$/m,
);
const opened = { code: exitCodes.ok, output: gatesAreOpen };
const succeeded = '1 required check succeeded: test';
const own = (run: number, state = 'in_progress', name = 'deploy') =>
  `check "${name}" (${state}) does not count: it is the job that requested this deploy, in run ${run}`;
const [ignored] = recipe.tests.ignore ?? [];
const excused = `check "deploy" ended failure and is ignored: ${ignored?.reason}`;
const testsGate = async () =>
  (await stack.status('shop')).gates
    .find(({ gate }) => gate === 'tests')
    ?.reasons.filter((reason) => /^\d+ required|^check /.test(reason));

/** The job of the recipe, with one more step, which fails. */
const failsLater = (): Job => ({
  steps: [...recipe.jobs.deploy.steps, { run: 'exit 1' }],
});

/** Waits until a deploy checks its gates again before it touches production. */
const gatesAreOld = () => sleep(timing(timeScale).gateMaxAgeMs + 1000);

/** Expects that the waiting deploy is of this commit. Approves it, and expects that it is served. */
async function isDeployed(sha: string) {
  const { sealed } = await stack.reached('shop', 'approval');
  expect(sealed?.plan.sha).toBe(sha);
  await stack.approve('shop');
  expect(await stack.report('shop')).toMatchObject({ outcome: 'succeeded' });
  const { served } = await stack.truthOf('shop');
  const word = sha === project().newSha ? 'new' : sha;
  expect(served).toEqual([[word, word, word].join(' ')]);
}

/** Ends the waiting deploy. Expects that it touched nothing. */
async function isAborted() {
  expect(await stack.cli(['abort', 'shop', environment])).toMatchObject({ code: 0 });
  expect(await stack.report('shop')).toMatchObject({ outcome: 'aborted', touched: false });
}

/** Deploys a commit from a laptop, without any variable of GitHub Actions. */
const byHand = (sha: string) =>
  runner.byHand(
    ['deploy', 'shop', environment, '--ref', sha, '--wait', 'gates', ...stack.as('casey')],
    { TEMPORAL_ADDRESS: stack.address },
  );

/** Expects that the deploy was refused and touched nothing. Returns why the gate was closed. */
async function isRefused() {
  const { outcome, touched, reasons } = await stack.report('shop');
  expect({ outcome, touched }).toEqual({ outcome: 'gate-closed', touched: false });
  return reasons.join('\n');
}

test('the first push deploys while its own job runs, and the job is green', async () => {
  const run = runner.start(project().newSha);
  expect(await run.attempt()).toEqual(opened);
  expect(await testsGate()).toEqual([succeeded, own(run.id)]);
  expect(conclusions(run.sha)).toEqual(['success']);
  await isDeployed(run.sha);
});

test('after a failed attempt the job runs again, and the commit is deployed', async () => {
  const run = runner.start(await push());
  setCheck(run.sha, 'lint', 'failure');
  const closed = await run.attempt();
  expect(closed).toMatchObject({ code: exitCodes.gateClosed });
  expect(closed.output).toContain(
    'shop production: gate-closed (nothing was touched)\n' +
      '  tests: check "lint" ended failure. Fix the failure or run the check again, then deploy ' +
      'again. If this check must not count, add under "tests" in plimsoll.yaml: ignore: [{ check: "lint", ' +
      'reason: "say why it does not count" }]. Then start the worker again.\n',
  );
  setCheck(run.sha, 'lint', 'success');
  expect(await run.attempt()).toEqual(opened);
  expect(await testsGate()).toEqual([succeeded, own(run.id)]);
  expect(conclusions(run.sha)).toEqual(['failure', 'success']);
  await isDeployed(run.sha);
});

test('after a later step failed, the next attempt joins the deploy that waits', async () => {
  const run = runner.start(await push());
  expect(await run.attempt({ job: failsLater() })).toEqual({ code: 1, output: gatesAreOpen });
  const { deployId: waiting } = await stack.status('shop');
  const again = await run.attempt();
  expect(again).toEqual(opened);
  expect(again.output).toContain(
    `This commit already waits, in the deploy by ci (${run.sha.slice(0, 7)}: routine deploy). No ` +
      'second deploy is started, and this command follows that deploy.\n',
  );
  expect((await stack.status('shop')).deployId).toBe(waiting);
  expect(conclusions(run.sha)).toEqual(['failure', 'success']);
  await isAborted();
});

test('a second workflow run deploys the commit on which the first run failed', async () => {
  const first = runner.start(await push());
  const failed = await first.attempt({ without: 'vars.PLIMSOLL_SERVER' });
  expect(failed).toMatchObject({ code: exitCodes.failed });
  expect(failed.output).toMatch(/^No Temporal server answers at localhost:7233\. /);
  const second = runner.start(first.sha);
  expect(second.id).not.toBe(first.id);
  expect(await second.attempt()).toEqual(opened);
  expect(await testsGate()).toEqual([excused, succeeded, own(second.id)]);
  expect(conclusions(first.sha)).toEqual(['failure', 'success']);
  await isDeployed(first.sha);
});

test('after the job failed, a person deploys the commit by hand', async () => {
  const run = runner.start(await push());
  const failed = await run.attempt({ without: 'secrets.PLIMSOLL_KEY' });
  expect(failed.code).toBe(exitCodes.failed);
  expect(failed.output).toMatch(/\. An empty PLIMSOLL_KEY counts as not set: in a CI job, check /);
  expect(conclusions(run.sha)).toEqual(['failure']);
  expect(await byHand(run.sha)).toMatchObject(opened);
  expect((await stack.status('shop')).sealed?.plan.ci).toBeUndefined();
  expect(await testsGate()).toEqual([excused, succeeded]);
  await isDeployed(run.sha);
});

test('after the job succeeded and its deploy ended, a person opens the gates by hand', async () => {
  const run = runner.start(await push());
  expect(await run.attempt()).toEqual(opened);
  await isAborted();
  expect(conclusions(run.sha)).toEqual(['success']);
  expect(await byHand(run.sha)).toMatchObject(opened);
  expect(await testsGate()).toEqual([succeeded]);
  await isAborted();
});

test('a required own job closes the gate at once, and the way out opens it', async () => {
  const run = runner.start(await push());
  const { github } = stack.fleet.sandbox;
  github.setRules(repository(), { protection: { main: [{ context: 'deploy' }] } });
  const closed = await run.attempt();
  expect(closed).toMatchObject({ code: exitCodes.gateClosed });
  expect(closed.output).toContain(
    '  tests: required check "deploy" is in_progress: it is the job that requested this deploy, so ' +
      'it cannot finish before this gate opens. Take it out of the rules of the branch at GitHub, ' +
      'then deploy again.\n',
  );
  github.setRules(repository(), { protection: {} });
  expect(await run.attempt()).toEqual(opened);
  expect(await testsGate()).toEqual([succeeded, own(run.id)]);
  expect(conclusions(run.sha)).toEqual(['failure', 'success']);
  await isAborted();
});

// Nothing is ignored here, and the name of the check differs from the key of the job. So a failed
// deploy job closes the gate, unless the signed request names its run.
test('only the job of the run in the signed request is left out', async () => {
  await configure({ required: ['test'], deployJobs: { deploy: 'Ship it' } });
  const run = runner.start(await push());
  const job = { ...failsLater(), name: 'Ship it' };
  expect(await run.attempt({ job })).toEqual({ code: 1, output: gatesAreOpen });
  await gatesAreOld();
  await stack.approve('shop');
  await stack.reached('shop', 'watch');
  expect(await testsGate()).toEqual([succeeded, own(run.id, 'failure', 'Ship it')]);
  expect(await stack.report('shop')).toMatchObject({ outcome: 'succeeded' });

  const other = runner.start(await push());
  const claims = runner.start(other.sha);
  const env = { GITHUB_RUN_ID: `${claims.id}` };
  expect(await other.attempt({ job, env })).toEqual({ code: 1, output: gatesAreOpen });
  await gatesAreOld();
  await stack.approve('shop');
  expect(await isRefused()).toBe(
    'tests: check "Ship it" ended failure. Fix the failure or run the check again, then deploy ' +
      'again. This check is a job that requests deploys, but it did not request this deploy. If this check must ' +
      'not count, add under "tests" in plimsoll.yaml: ignore: [{ check: "Ship it", reason: "say ' +
      'why it does not count" }]. Then start the worker again.',
  );

  const { taskQueue } = await stack.handle('shop').describe();
  const { request, signature } = await signRequest(recordedIo({ env: other.variables() }), {
    ...{ as: 'ci', key: ci.path, project: 'shop', environment, ref: other.sha },
    ...{ reason: 'a new basket', priority: 'normal' },
  });
  expect(request.ci).toEqual({ repository: repository(), run: `${other.id}`, job: 'deploy' });
  const changed = { ...request, ci: { ...request.ci, run: `${claims.id}` } };
  const workflowId = workflowIdOf('shop', environment);
  const start = { workflowId, taskQueue, args: [{ request: changed, signature }] };
  await expect(stack.client.workflow.execute(messages.deploy, start)).rejects.toMatchObject({
    cause: {
      cause: {
        message: expect.stringMatching(/^The signature of the request is not ci's: /),
        type: 'Refused',
      },
    },
  });
});

test('with nothing required the gate is closed, and the printed line opens it', async () => {
  await configure({});
  const run = runner.start(await push());
  const { code, output } = await run.attempt();
  expect(code).toBe(exitCodes.gateClosed);
  const line = /To require one, add under "tests" in plimsoll\.yaml: (.*)\. Then start the worker/;
  const printed = line.exec(output)?.[1] ?? '';
  expect(printed).toBe('required: ["test"]');
  await configure(parse(printed) as Partial<Project['tests']>);
  expect(await run.attempt()).toEqual(opened);
  await isAborted();
});
