import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Entry } from '../../domain/contract/activities.ts';
import { openDatabase } from '../../activities/ledger/sqlite-database.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, eventually, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { thereAndBack } from '../support/witness.ts';

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const fleetProjects: ProjectSpec[] = [
  { ...good, name: 'noisy', hosts: 1, next: samples.errorsOnly() },
  { ...good, name: 'dark', hosts: 2, next: samples.failsLater(40) },
];

let stack: Stack;
beforeAll(async () => {
  // No server answers at this npm address. So the test proves that a rollback needs no npm.
  stack = await startStack({
    fleetProjects,
    workerEnv: { npm_config_registry: 'http://127.0.0.1:9/' },
  });
});
afterAll(() => stack?.close());

async function approved(project: string) {
  await stack.deploy(project);
  await stack.reached(project, 'approval');
  await stack.approve(project);
  return await stack.reached(project, 'watch');
}

const status = async (project: string) => {
  const { stdout } = await stack.cli(['status', project, environment, '--json']);
  return JSON.parse(stdout).status;
};

test('a release that answers 200 and only logs errors is rolled back by the ratio test', async () => {
  await approved('noisy');
  const report = await stack.report('noisy');
  expect(report).toMatchObject({ outcome: 'rolled-back', touched: true });
  const { watch, cause } = await status('noisy');
  expect(watch).toMatchObject({ verdict: 'fail' });
  expect(watch.sources).toContainEqual(
    expect.objectContaining({ name: 'error-log', verdict: 'rollback' }),
  );
  expect(cause).toMatchObject({ kind: 'watch', blames: 'release' });
  expect(cause.detail).toMatch(/^error-log: \d+ errors in .+\. Bad since sample \d+ /);
  await stack.aftermath(report);
  expect(await stack.effectsOf('noisy')).toEqual(thereAndBack(['noisy-1'], true));
  expect(await stack.truthOf('noisy')).toEqual({ served: ['old old old'], main: 'reverted' });
});

const entries = async (): Promise<Entry[]> => {
  const { stdout } = await stack.cli(['history', 'dark', environment, '--json']);
  return (JSON.parse(stdout) as Entry[]).toReversed();
};

test('without GitHub, git, Slack, npm and the ledger a bad release is rolled back', async () => {
  await approved('dark');
  for (const service of ['git', 'github', 'slack'])
    await stack.fault(service, '/', 'drop-before', 1000);
  // This locks the ledger file, so that the worker cannot write to it.
  const ledger = openDatabase(stack.fleet.ledgerPath);
  ledger.exec('BEGIN IMMEDIATE');
  try {
    const report = await stack.report('dark');
    expect(report).toMatchObject({ outcome: 'rolled-back', touched: true });
    expect(await stack.truthOf('dark')).toEqual({
      served: ['old old old', 'old old old'],
      main: 'new',
    });
    expect(await stack.effectsOf('dark')).toEqual(thereAndBack(['dark-1', 'dark-2'], false));
    const seen = await stack.cli(['status', 'dark', environment]);
    expect(seen.code).toBe(5);
  } finally {
    ledger.exec('ROLLBACK');
    ledger.close();
  }
});

test('when these are back, the aftermath catches up: main reverted, incident posted and recorded', async () => {
  await stack.clearFaults();
  const after = await stack.aftermath(await stack.report('dark'));
  expect(after).toMatchObject({ quarantined: true, revertSha: expect.any(String) });
  expect(await stack.truthOf('dark')).toMatchObject({ main: 'reverted' });
  expect(await stack.effectsOf('dark')).toEqual(thereAndBack(['dark-1', 'dark-2'], true));
  const recorded = await entries();
  const kinds = [
    'started',
    'ruling',
    'approved',
    'released',
    'closed',
    'incident',
    'quarantine',
    'revert',
  ];
  const found = recorded.map(({ kind }) => kind).filter((kind) => kind !== 'rolling-back');
  expect(found).toEqual(kinds);
  const incident = recorded.find(({ kind }) => kind === 'incident');
  expect(incident?.body).toMatchObject({ incident: after.incident, severity: 'SEV2' });
  const told = await eventually('Slack has the incident', async () =>
    (await stack.slackMessages()).find(({ metadata }) => {
      const { deploy_id: id, step } = metadata?.event_payload ?? {};
      return id === after.deployId && step === 'incident';
    }),
  );
  expect(told.text).toMatch(/ended rolled-back: (probes|error-log): .+\. Bad since sample \d+/);
  expect(told.text).toMatch(/\. main: reverted by [0-9a-f]{7}/);
});
