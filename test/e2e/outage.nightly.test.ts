import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Entry } from '../../domain/contract/activities.ts';
import type { DeployReport } from '../../domain/deploy/status.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { thereAndBack } from '../support/witness.ts';

/** A payment service that the shop needs. Nobody at the shop can repair it. */
const payment = createServer((_, response) => response.writeHead(200).end('ok'));
const listen = () => new Promise<void>((resolve) => payment.listen(0, '127.0.0.1', resolve));
const goDown = async () => {
  payment.closeAllConnections();
  await new Promise((resolve) => payment.close(resolve));
};

let stack: Stack;
beforeAll(async () => {
  await listen();
  const url = `http://127.0.0.1:${(payment.address() as AddressInfo).port}/health`;
  const fleetProjects: ProjectSpec[] = [
    {
      ...{ name: 'shop', hosts: 1, checks: 'success' },
      ...{ first: samples.needs(url, 1), next: samples.needs(url, 2) },
      environment: { dependencies: [url], watch: { accessLog: '(GET|POST) \\S+ \\d{3}$' } },
    },
    {
      ...{ name: 'till', hosts: 1, checks: 'success' },
      ...{ first: samples.good(1), next: samples.good(2) },
    },
  ];
  stack = await startStack({ fleetProjects });
});
afterAll(async () => {
  await stack?.close();
  if (payment.listening) await goDown();
});

async function approved(project: string) {
  await stack.deploy(project);
  await stack.reached(project, 'approval');
  await stack.approve(project);
  return await stack.reached(project, 'watch');
}

const ended = (project: string) => stack.handle(project).result() as Promise<DeployReport>;

test('the plan says which dependency excuses an outage, and counts requests', async () => {
  const { stdout } = await stack.cli(['plan', 'shop', environment, ...stack.as('casey')]);
  expect(stdout).toMatch(
    /if http:\/\/127\.0\.0\.1:\d+\/health goes down, a person decides about the rollback \(now up, 200 in \d+ ms\)/,
  );
  expect(stdout).toMatch(/before the deploy: \d+ errors in \d+ requests|no baseline/);
});

test('an outage of a declared dependency in the watch of a good release ends in ask', async () => {
  await approved('shop');
  await goDown();
  const asked = await stack.reached('shop', 'decision');
  expect(asked.watch?.verdict).toBe('inconclusive');
  expect(asked.watch?.reasons[0]).toMatch(
    /^a declared dependency is down: http:\S+ \(connection refused, twice\)\. The previous release needs it as well/,
  );
  expect(asked.watch?.reasons[1]).toMatch(/^probes: .+\. Bad since sample \d+/);
  expect(await stack.truthOf('shop')).toEqual({ served: ['new new new'], main: 'new' });
  const kept = await stack.cli(['keep', 'shop', environment, ...stack.as('morgan'), '--yes']);
  expect(kept).toMatchObject({ code: 0, stdout: expect.stringContaining('The decision counts: ') });
  expect(await ended('shop')).toMatchObject({ outcome: 'unproven' });
  expect(await stack.truthOf('shop')).toEqual({ served: ['new new new'], main: 'new' });
});

test('a flag without an answer rolls back by itself, and main is reverted', async () => {
  await approved('till');
  const flag = ['flag', 'till', 'customers cannot pay', '--as', 'casey'];
  expect(await stack.cli(flag)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('till production: flagged. The deploy asks a person now.'),
  });
  const asked = await stack.reached('till', 'decision');
  expect(asked.waitingFor).toContain('a person: "customers cannot pay" (says casey, unsigned)');
  const report = await ended('till');
  expect(report).toMatchObject({
    outcome: 'rolled-back',
    reasons: [
      'a person flagged it: "customers cannot pay" (says casey, unsigned); nobody answered in time',
    ],
  });
  expect(await stack.aftermath(report)).toMatchObject({ quarantined: true });
  expect(await stack.effectsOf('till')).toEqual(thereAndBack(['till-1'], true));
  expect(await stack.truthOf('till')).toEqual({ served: ['old old old'], main: 'reverted' });
  const { stdout } = await stack.cli(['history', 'till', environment, '--json']);
  const told = (JSON.parse(stdout) as Entry[]).find(({ kind }) => kind === 'flag');
  expect(told?.body).toMatchObject({ text: 'customers cannot pay', who: 'casey' });
  expect((await stack.cli(flag)).code).toBe(4);
});
