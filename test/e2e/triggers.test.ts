import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signPayload } from '../../client/sign.ts';
import type { Entry } from '../../domain/activities.ts';
import { messages, namespaces } from '../../domain/messages.ts';
import type { ShipSpec } from '../../sandbox/fleet.ts';
import { samples } from '../../sandbox/samples.ts';
import { environment, eventually, shipOf, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';

const ships: ShipSpec[] = [
  { name: 'shop', hosts: 1, first: samples.good(1), next: samples.good(2), checks: 'success' },
];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ ships });
});
afterAll(() => stack?.close());

/** A commit that CI has found good, on the branch or beside it. */
async function push(version: number, branch = 'main') {
  const { repository } = shipOf(stack.fleet, 'shop');
  const { git, github } = stack.fleet.sandbox;
  const author = { name: 'Casey', email: 'casey@example.com' };
  const change = { files: samples.good(version), message: `shop ${version}`, author, branch };
  const sha = await git.commit(repository, change);
  github.setCheckRun(repository, sha, { name: 'ci', status: 'completed', conclusion: 'success' });
  return sha;
}

const waits = (sha: string) =>
  eventually(`${sha.slice(0, 7)} waits for its approval`, async () => {
    const { phase, sealed } = await stack.status('shop');
    return phase === 'approval' && sealed?.plan.sha === sha ? sealed.plan : null;
  });
const history = async () =>
  JSON.parse((await stack.cli(['history', 'shop', environment, '--json'])).stdout) as Entry[];

/** As a job of CI does: the key is a secret in the environment, and nobody waits for the approval. */
const fromCi = (ref: string, ...more: string[]) =>
  stack.cli(
    ['deploy', 'shop', environment, '--ref', ref, '--wait', 'gates', '--no-input', ...more],
    { PLIMSOLL_AS: 'casey', PLIMSOLL_KEY: readFileSync(stack.fleet.keys.casey, 'utf8') },
  );

test('a newer push from CI takes the place of the deploy that waits, and its owner is told', async () => {
  const { newSha } = shipOf(stack.fleet, 'shop');
  const owner = stack.cli(['deploy', 'shop', environment, '--ref', newSha, ...stack.as('morgan')]);
  await waits(newSha);
  const next = await push(3);
  const answer = await fromCi(next);
  expect(answer).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^Its gates are open; waiting for: 1 approval by morgan or robin/,
    ),
  });
  expect(answer.stderr).toMatch(/^It takes the place of the deploy by morgan/);
  const plan = await waits(next);
  const { code, stdout } = await owner;
  expect(code).toBe(6);
  expect(stdout).toBe(
    `shop production ${newSha.slice(0, 7)}: aborted (nothing was touched)
  replaced by ${plan.deployId} of casey (${next.slice(0, 7)}) before it touched anything
`,
  );
  const note = await eventually('the owner is told at Slack', async () =>
    (await stack.slackMessages()).find(
      ({ metadata }) => metadata?.event_payload.step === 'replaced',
    ),
  );
  expect(note.text.split('\n')[0]).toBe(
    `<@U0MORGAN> morgan: your deploy of shop production ${newSha.slice(0, 7)} was replaced by ` +
      `${plan.deployId} of casey (${next.slice(0, 7)}) before it touched anything.`,
  );
});

test('a forged request replaces nothing, and is recorded', async () => {
  const { sealed } = await stack.status('shop');
  const request = {
    ...{ project: 'shop', environment, ref: await push(4), requestedBy: 'morgan', reason: 'me' },
    ...{ priority: 'P0', nonce: randomBytes(16).toString('hex') },
    requestedAt: new Date().toISOString(),
  };
  const keyPath = stack.fleet.keys.robin;
  const namespace = namespaces.request;
  const signature = await signPayload({ payload: request, keyPath, namespace });
  await stack.handle('shop').signal(messages.supersede, { request, signature });
  const { requests } = await eventually('it is refused', async () => {
    const now = await stack.status('shop');
    return now.requests?.length ? now : null;
  });
  const why = expect.stringMatching(/^The request is not signed by morgan: /);
  expect(requests).toMatchObject([{ verdict: 'refused', requestedBy: 'morgan', why }]);
  expect(await stack.status('shop')).toMatchObject({ phase: 'approval', sealed });
  const [row] = (await history()).filter(({ kind }) => kind === 'request');
  expect(row?.body).toMatchObject({ verdict: 'refused', genuine: false, why });
});

test('a P0 of another branch replaces what waits; nothing replaces what has begun', async () => {
  const { repository, oldSha } = shipOf(stack.fleet, 'shop');
  const { repositories } = stack.fleet.sandbox.git;
  await repositories.git(repository, ['update-ref', 'refs/heads/hotfix', oldSha]);
  const fix = await push(5, 'hotfix');
  const ask = (...more: string[]) =>
    stack.cli(['deploy', 'shop', environment, '--ref', 'hotfix', ...more, ...stack.as('robin')]);
  const refused = await ask('--detach');
  expect(refused.code).toBe(4);
  expect(refused.stderr).toMatch(/\nReplace it: {4}npx .* --ref hotfix --supersede\n/);
  expect((await ask('--priority', 'P0', '--detach')).code).toBe(0);
  await waits(fix);
  await stack.approve('shop');
  await stack.reached('shop', 'watch');
  const late = await stack.cli(['deploy', 'shop', environment, ...stack.as('casey')]);
  expect(late.code).toBe(4);
  expect(late.stderr).toMatch(/\nTake it back: {2}npx --no plimsoll rollback shop production\n/);
  const closed = (await history()).filter(({ kind }) => kind === 'closed');
  expect(closed.map(({ body }) => body['outcome'])).toEqual(['aborted', 'aborted']);
});
