import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../activities/ledger/sqlite-database.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { workers } from '../../sandbox/samples/workers.ts';
import { startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';

/** A service that only the next releases need. If this service goes down, these releases fail. */
const supplier = createServer((_, response) => response.writeHead(200).end('ok'));
const goDown = async () => {
  supplier.closeAllConnections();
  await new Promise((resolve) => supplier.close(resolve));
};

const projects = ['barber-crm', 'openclaw-gateway', 'agency-router'];
let stack: Stack;
beforeAll(async () => {
  await new Promise<void>((resolve) => supplier.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(supplier.address() as AddressInfo).port}/`;
  const shop = { first: samples.good(1), next: samples.needs(url, 2) };
  const worker = {
    first: workers.good('agency-router', 1),
    next: workers.needs('agency-router', url, 2),
  };
  const fleetProjects: ProjectSpec[] = [
    { ...shop, name: 'barber-crm', at: 'vercel', hosts: 0, checks: 'success' },
    { ...shop, name: 'openclaw-gateway', at: 'northflank', hosts: 0, checks: 'success' },
    { ...worker, name: 'agency-router', at: 'cloudflare', hosts: 0, checks: 'success' },
  ];
  const workerEnv = { npm_config_registry: 'http://127.0.0.1:9/' };
  // The watch lasts 90 s, so that all deploys are in their watch when the services fail.
  stack = await startStack({ fleetProjects, timeScale: 20, workerEnv });
});
afterAll(async () => {
  await stack?.close();
  if (supplier.listening) await goDown();
});

async function approved(project: string) {
  await stack.deploy(project);
  await stack.reached(project, 'approval');
  await stack.approve(project);
  await stack.reached(project, 'watch');
}

/**
 * For each project, the releases that its containers, domains or traffic shares serve, without
 * duplicates.
 */
async function truths() {
  const all = await Promise.all(projects.map((project) => stack.truthOf(project)));
  return all.map(({ served, main }) => ({
    served: [...new Set(served.flatMap((one) => one.match(/[a-z]+/g) ?? []))],
    main,
  }));
}

test('without GitHub, git, Slack, npm and the ledger every cloud is rolled back', async () => {
  await Promise.all(projects.map(approved));
  for (const service of ['git', 'github', 'slack'])
    await stack.fault(service, '/', 'drop-before', 1000);
  // This locks the ledger file, so that the worker cannot write to it.
  const ledger = openDatabase(stack.fleet.ledgerPath);
  ledger.exec('BEGIN IMMEDIATE');
  try {
    await goDown();
    const reports = await Promise.all(projects.map((project) => stack.report(project)));
    expect(reports.map(({ outcome }) => outcome)).toEqual(projects.map(() => 'rolled-back'));
    expect(await truths()).toEqual(projects.map(() => ({ served: ['old'], main: 'new' })));
  } finally {
    ledger.exec('ROLLBACK');
    ledger.close();
  }
});

test('when these are back, each aftermath catches up, and the live release stays', async () => {
  await stack.clearFaults();
  for (const project of projects) {
    const after = await stack.aftermath(await stack.report(project));
    expect(after).toMatchObject({ quarantined: true, revertSha: expect.any(String) });
  }
  expect(await truths()).toEqual(projects.map(() => ({ served: ['old'], main: 'reverted' })));
});
