import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeployReport } from '../../domain/plan.ts';
import type { ShipSpec } from '../../sandbox/fleet.ts';
import { workers } from '../../sandbox/samples/workers.ts';
import { environment, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';

/** What two releases of one worker both need, declared nowhere. */
const upstream = createServer((_, response) => response.writeHead(200).end('ok'));
const listen = () => new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
const goDown = async () => {
  upstream.closeAllConnections();
  await new Promise((resolve) => upstream.close(resolve));
};

const worker = (name: string, more: Partial<ShipSpec> = {}): ShipSpec => ({
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
    ships: [
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

/** A payload lies in a history as bytes. */
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

test('one is aborted in its watch: the version before serves again, and main is left alone', async () => {
  await stack.reached('unwanted', 'watch');
  const order = await stack.cli(['abort', 'unwanted', environment]);
  expect(order.stdout).toMatch(/^unwanted production: is taken back to [0-9a-f]{7} and proven /);
  expect(await stack.report('unwanted')).toMatchObject({
    ...{ outcome: 'rolled-back', touched: true },
    reasons: ['a person sent abort'],
  });
  expect(await stack.truthOf('unwanted')).toEqual({ served: ['old 100 %'], main: 'new' });
});

test('an outage of what both releases need ends in ask: the one before fails alike', async () => {
  await stack.reached('needing', 'watch');
  await goDown();
  const asked = await stack.reached('needing', 'ask');
  // Five minutes of the sandbox's time, as long as many an outage; then it is there again.
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  await listen();
  expect(asked.watch?.reasons[0]).toMatch(
    /^the release before fails alike at its own address: .*payments: http:\S+\/tasks \(502 in \d+ ms, twice\)/,
  );
  expect(await stack.status('needing')).toMatchObject({ phase: 'ask', outcome: null });
  expect(await stack.truthOf('needing')).toEqual({ served: ['new 100 %'], main: 'new' });
  const kept = await stack.cli(['keep', 'needing', 'production', ...stack.as('morgan')]);
  expect(kept).toMatchObject({ code: 0, stdout: expect.stringContaining('It counts: ') });
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
  expect(report.reasons.join()).toMatch(/: bad since look \d+/);
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
  // A payload is read, or this would prove nothing.
  expect(told).toContain('env:CLOUDFLARE_API_TOKEN');
  expect(token).toMatch(/^cfut_/);
  expect(told).not.toContain(token);
});
