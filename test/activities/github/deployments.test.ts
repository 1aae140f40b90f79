import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { MockActivityEnvironment } from '../../support/activity-environment.ts';
import { createDeployments } from '../../../activities/github/deployment-statuses.ts';
import { createGitHub } from '../../../activities/github/github.ts';
import type { DeploymentState } from '../../../domain/contract/activities.ts';
import { startGithub } from '../../../sandbox/github/github.ts';
import type { Github } from '../../../sandbox/github/github.ts';
import { hostAndGit } from '../git/host.ts';
import { planFor } from '../plan/plan-fixture.ts';

let at: Awaited<ReturnType<typeof hostAndGit>>;
let hub: Github;
let sha = '';
beforeAll(async () => {
  at = await hostAndGit();
  const { repositories } = at.host;
  hub = await startGithub({ board: at.board, repositories, token: 'gh-token' });
  [sha = ''] = await at.host.createRepository('acme/shop', [
    { files: { a: '1' }, message: 'First' },
  ]);
});
afterAll(() => Promise.all([hub.close(), at.close()]));
afterEach(() => {
  at.board.clear();
  at.board.effects.length = 0;
});

const recorder = (api = hub.address) =>
  createDeployments({
    github: createGitHub({ api, token: 'gh-token', variable: 'GITHUB_TOKEN' }),
    webUi: 'http://127.0.0.1:8233/',
  });
const plan = (deployId: string) => planFor({ deployId, sha, github: 'acme/shop' });
const record = (deployId: string, state: DeploymentState) =>
  recorder().recordDeployment({ plan: plan(deployId), state, description: 'as it is' });
const effects = () => at.board.effects.map(({ operation, detail }) => `${operation} ${detail}`);
const ask = async (path: string) => {
  const headers = { authorization: 'Bearer gh-token' };
  return (await fetch(`${hub.address}/repos/acme/shop/${path}`, { headers })).json();
};

test('one deployment a deploy, and each state once, also by another worker', async () => {
  await record('d-1', 'in_progress');
  await record('d-1', 'in_progress');
  await record('d-1', 'success');
  const [made, ...statuses] = effects();
  expect(made).toBe(`createDeployment acme/shop production ${sha}`);
  expect(statuses.map((one) => one.split(' ').at(-1))).toEqual(['in_progress', 'success']);
});

test('the same commit deployed again is another deployment', async () => {
  await record('d-2', 'in_progress');
  await record('d-3', 'in_progress');
  expect(effects().filter((one) => one.startsWith('createDeployment '))).toHaveLength(2);
});

test.each(['createDeployment', 'createStatus'])(
  'an answer lost at %s doubles nothing',
  async (step) => {
    const match = step === 'createDeployment' ? 'POST /repos/acme/shop/deployments' : '/statuses';
    if (step === 'createStatus') await record(`d-${step}`, 'in_progress');
    at.board.arm({ service: 'github', match: `${match}`, kind: 'drop-after', times: 1 });
    const state = step === 'createStatus' ? 'success' : 'in_progress';
    await record(`d-${step}`, state).catch(() => undefined);
    await record(`d-${step}`, state);
    const counted = effects().map((one) => one.split(' ')[0]);
    expect(counted.filter((one) => one === 'createDeployment')).toHaveLength(1);
    const states = effects().filter((one) => one.endsWith(` ${state}`));
    expect(states).toHaveLength(1);
  },
);

test('the status links to the page of its workflow', async () => {
  const env = new MockActivityEnvironment({
    workflowExecution: { workflowId: 'deploy/shop/production', runId: 'run-1' },
    workflowNamespace: 'default',
  });
  const { recordDeployment } = recorder();
  await env.run(recordDeployment, {
    plan: plan('d-4'),
    state: 'in_progress' as const,
    description: 'x',
  });
  const [newest] = (await ask('deployments')) as { id: number }[];
  const [status] = (await ask(`deployments/${newest?.id}/statuses`)) as { log_url: string }[];
  expect(status?.log_url).toBe(
    'http://127.0.0.1:8233/namespaces/default/workflows/deploy%2Fshop%2Fproduction/run-1/history',
  );
});

test('without GitHub nothing is recorded', async () => {
  const none = createDeployments({ github: null, webUi: null });
  const input = { plan: plan('d-5'), state: 'success' as const, description: '' };
  expect(await none.recordDeployment(input)).toBe(false);
});
