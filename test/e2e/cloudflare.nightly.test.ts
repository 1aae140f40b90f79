import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeployReport } from '../../domain/deploy/status.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { workers } from '../../sandbox/samples/workers.ts';
import { environment, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';

/** A service that both releases of one worker need. The service is not declared as a dependency. */
const upstream = createServer((_, response) => response.writeHead(200).end('ok'));
const listen = () => new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
const goDown = async () => {
  upstream.closeAllConnections();
  await new Promise((resolve) => upstream.close(resolve));
};

const worker = (name: string, more: Partial<ProjectSpec> = {}): ProjectSpec => ({
  ...{ name, at: 'cloudflare', hosts: 0, checks: 'success' },
  ...{ first: workers.good(name, 1), next: workers.good(name, 2) },
  ...more,
});
const gradual = { rollout: 'gradual' } as const;

let stack: Stack;
beforeAll(async () => {
  await listen();
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/`;
  const needing = (n: number) => workers.needs('needing', url, n);
  stack = await startStack({
    fleetProjects: [
      worker('personal-assistant'),
      worker('agency-router', { next: workers.throwsLater('agency-router', 120) }),
      worker('by-steps', { environment: gradual }),
      worker('broken', { environment: gradual, next: workers.throwsOnLogin('broken') }),
      worker('unwanted'),
      worker('needing', { first: needing(1), next: needing(2) }),
    ],
  });
});
afterAll(async () => {
  await stack?.close();
  if (upstream.listening) await goDown();
});

async function approved(project: string) {
  await stack.deploy(project);
  await stack.reached(project, 'approval');
  await stack.approve(project);
}

/** Decodes the payloads of a history, which are bytes, as text. */
const asText = (_: string, value: unknown) =>
  value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : bytesOf(value);

function bytesOf(value: unknown) {
  const { type, data } = (value ?? {}) as { type?: string; data?: number[] };
  return type === 'Buffer' && data ? Buffer.from(data).toString('utf8') : value;
}

const all = ['personal-assistant', 'agency-router', 'by-steps', 'broken', 'unwanted', 'needing'];

test('all of them are approved', async () => {
  await Promise.all(all.map((project) => approved(project)));
  const { sealed } = await stack.status('by-steps');
  expect(sealed?.plan.target).toMatchObject({ platform: 'cloudflare', rollout: 'gradual' });
});

test('one is aborted in its watch: the previous version serves again, and main stays', async () => {
  await stack.reached('unwanted', 'watch');
  const order = await stack.cli(['abort', 'unwanted', environment]);
  expect(order.stdout).toMatch(
    /^unwanted production: the release is rolled back to [0-9a-f]{7} and proven /,
  );
  expect(await stack.report('unwanted')).toMatchObject({
    ...{ outcome: 'rolled-back', touched: true },
    reasons: ['a person sent abort'],
  });
  expect(await stack.truthOf('unwanted')).toEqual({ served: ['old 100 %'], main: 'new' });
});

test('an external outage ends in ask: the previous release fails too', async () => {
  await stack.reached('needing', 'watch');
  await goDown();
  const asked = await stack.reached('needing', 'decision');
  // The outage lasts 5 s. That is five minutes for the deploy. Then the service answers again.
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  await listen();
  expect(asked.watch?.reasons[0]).toMatch(
    /^the previous release fails in the same way at its own address: .*payments: http:\S+\/tasks \(502 in \d+ ms, twice\)/,
  );
  expect(await stack.status('needing')).toMatchObject({ phase: 'decision', outcome: null });
  expect(await stack.truthOf('needing')).toEqual({ served: ['new 100 %'], main: 'new' });
  const kept = await stack.cli(['keep', 'needing', 'production', ...stack.as('morgan'), '--yes']);
  expect(kept).toMatchObject({ code: 0, stdout: expect.stringContaining('The decision counts: ') });
  const report = (await stack.handle('needing').result()) as DeployReport;
  expect(report).toMatchObject({ outcome: 'unproven' });
});

test('a good commit is deployed to everybody and watched', async () => {
  const report = await stack.report('personal-assistant');
  expect(report).toMatchObject({ outcome: 'succeeded', platform: 'cloudflare', touched: true });
  expect(await stack.truthOf('personal-assistant')).toEqual({ served: ['new 100 %'], main: 'new' });
  expect(await stack.effectsOf('personal-assistant')).toEqual({
    ...{ 'cloudflare createVersion': 1, 'cloudflare createDeployment': 1 },
    ...{ 'cloudflare patchSettings': 1, 'cloudflare setSubdomain': 1 },
    ...{ 'github createComment': 1, 'github updateIssue': 1 },
  });
});

test('one that throws in its watch is rolled back to the recorded version, and main reverted', async () => {
  const report = await stack.report('agency-router');
  expect(report).toMatchObject({ outcome: 'rolled-back', touched: true });
  expect(report.reasons.join()).toMatch(/: .+\. Bad since sample \d+/);
  expect(await stack.aftermath(report)).toMatchObject({ quarantined: true });
  expect(await stack.truthOf('agency-router')).toEqual({ served: ['old 100 %'], main: 'reverted' });
  expect(await stack.effectsOf('agency-router')).toMatchObject({
    ...{ 'cloudflare createVersion': 1, 'cloudflare createDeployment': 2, 'git push': 1 },
  });
});

test('by steps it is tried, then a tenth of the traffic, then everybody', async () => {
  const report = await stack.report('by-steps');
  expect(report).toMatchObject({ outcome: 'succeeded', touched: true });
  expect(await stack.truthOf('by-steps')).toEqual({ served: ['new 100 %'], main: 'new' });
  const deployed = stack.fleet.sandbox.board.effects
    .filter(
      ({ operation, detail }) => operation === 'createDeployment' && detail.startsWith('by-steps '),
    )
    .map(({ detail }) => detail.replaceAll(/[0-9a-f-]{36}/g, 'v'));
  expect(deployed).toEqual(['by-steps v@10 v@90', 'by-steps v@100']);
});

test('by steps one that is broken at its own address never gets any traffic', async () => {
  const report = await stack.report('broken');
  expect(report).toMatchObject({ outcome: 'aborted', touched: false });
  expect(await stack.truthOf('broken')).toEqual({ served: ['old 100 %'], main: 'new' });
  expect(await stack.effectsOf('broken')).toEqual({ 'cloudflare createVersion': 1 });
});

test('the token is in nothing that anybody can read', async () => {
  const { cloudflare: token = 'none' } = stack.fleet.sandbox.tokens;
  const { stdout } = await stack.cli(['history', '--json']);
  const histories = await Promise.all(all.map((it) => stack.handle(it).fetchHistory()));
  const told = [stdout, ...stack.said, JSON.stringify(histories, asText)].join('\n');
  // Proves that the test reads payloads: this text is only in a payload.
  expect(told).toContain('env:CLOUDFLARE_API_TOKEN');
  expect(token).toMatch(/^cfut_/);
  expect(told).not.toContain(token);
});
