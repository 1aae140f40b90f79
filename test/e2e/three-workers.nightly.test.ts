import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLedger } from '../../activities/ledger/ledger.ts';
import type { Entry } from '../../domain/contract/activities.ts';
import type { DeployReport } from '../../domain/deploy/plan.ts';
import { startWorker } from '../../sandbox/fleet/processes.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import type { Started } from '../../activities/lib/process.ts';
import { environment, eventually, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { hits } from '../support/histories.ts';
import { password, startPostgres } from '../support/postgres.ts';
import type { Postgres } from '../support/postgres.ts';
import { cacheWithBundles } from '../support/processes.ts';
import { shipped, thereAndBack, untouched } from '../support/witness.ts';

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const fleetProjects: ProjectSpec[] = [
  { ...good, name: 'forward', hosts: 2 },
  { ...good, name: 'back', hosts: 1 },
  { ...good, name: 'foul', hosts: 1, next: samples.failsLater(40) },
  { ...good, name: 'shut', hosts: 1, checks: 'failure' },
  { ...good, name: 'no', hosts: 1 },
];

let postgres: Postgres;
let stack: Stack;
let workers: Started[];
beforeAll(async () => {
  postgres = await startPostgres();
  // Time runs slower than in other tests, because three workers and a database share the machine.
  stack = await startStack({ fleetProjects, worker: false, config: { timeScale: 40 } });
  workers = await Promise.all([1, 2, 3].map(startOne));
});
afterAll(async () => {
  await Promise.all((workers ?? []).map((worker) => worker.stop()));
  await stack?.close();
  await postgres?.stop();
});

const log = (number: number) => join(stack.directory, `worker-${number}.log`);

/** Starts a worker as if on its own machine. The workers share Temporal and the ledger. */
async function startOne(number: number) {
  const { fleet, address, directory } = stack;
  const cache = await cacheWithBundles(join(directory, `cache-${number}`));
  const env = { ...fleet.env, XDG_CACHE_HOME: cache, DATABASE_URL: postgres.url };
  return startWorker({ address, fleet: { ...fleet, env }, log: log(number) });
}

/** The worker that is running an activity of the project. */
const busyWith = (project: string) =>
  eventually(`a worker is busy with ${project}`, async () => {
    const { raw } = await stack.handle(project).describe();
    const busy = raw.pendingActivities?.map(({ lastWorkerIdentity }) => lastWorkerIdentity);
    return workers.find(({ pid }) => busy?.some((identity) => identity?.startsWith(`${pid}@`)));
  });

/**
 * Waits for the end of the deploy without a time limit, because a busy machine can extend the
 * watch.
 */
const ended = (project: string) => stack.handle(project).result() as Promise<DeployReport>;

// The time limit is long, because five deploys, three workers and a database run at once.
const timeLimit = { timeout: 480_000 };

test(
  'three workers deploy and roll back while one of them dies in the middle',
  timeLimit,
  async () => {
    await stack.fault('vps', 'forward-1 switch', 'hold');
    for (const { name } of fleetProjects) await stack.deploy(name);
    const approved = ['forward', 'back', 'foul'];
    await Promise.all([...approved, 'no'].map((name) => stack.reached(name, 'approval')));
    await Promise.all(approved.map((name) => stack.approve(name)));
    await eventually(
      'forward-1 switches the release',
      async () => (await stack.effectsOf('forward'))['forward-1 switch'],
    );
    const victim = await busyWith('forward');
    process.kill(victim.pid, 'SIGKILL');
    await victim.exited;
    await stack.release();
    await stack.reached('back', 'watch');
    expect(await stack.cli(['rollback', 'back', environment])).toMatchObject({ code: 0 });
    await stack.reached('forward', 'watch');
    expect(await ended('forward')).toMatchObject({ outcome: 'succeeded' });
    const back = await ended('back');
    expect(back).toMatchObject({ outcome: 'rolled-back' });
    await stack.aftermath(back);
    expect(await stack.effectsOf('forward')).toEqual(shipped('forward-1', 'forward-2'));
    expect(await stack.effectsOf('back')).toEqual(thereAndBack(['back-1'], false));
  },
);

test(
  'a release that fails in its watch is rolled back, and main is reverted',
  timeLimit,
  async () => {
    const report = await ended('foul');
    expect(report).toMatchObject({ outcome: 'rolled-back', touched: true });
    const after = await stack.aftermath(report);
    expect(after).toMatchObject({ quarantined: true, revertSha: expect.any(String) });
    expect(await stack.effectsOf('foul')).toEqual(thereAndBack(['foul-1'], true));
    expect(await stack.truthOf('foul')).toEqual({ served: ['old old old'], main: 'reverted' });
  },
);

test('a closed gate and a rejection touch nothing', async () => {
  const shut = await ended('shut');
  expect(shut).toMatchObject({ outcome: 'gate-closed', touched: false });
  expect(shut.reasons.join()).toMatch(/^tests: /);
  const answer = await stack.cli(['reject', 'no', environment, ...stack.as('morgan')]);
  expect(answer).toMatchObject({ code: 0 });
  expect(await ended('no')).toMatchObject({ outcome: 'rejected', touched: false });
  for (const project of ['shut', 'no']) {
    expect(await stack.effectsOf(project)).toEqual(untouched);
    expect(await stack.truthOf(project)).toEqual({ served: ['old old old'], main: 'new' });
  }
});

test('their one ledger is an unbroken chain, each entry once', async () => {
  const { stdout } = await stack.cli(['history', '--json', '--limit', '1000']);
  const entries = (JSON.parse(stdout) as Entry[]).toReversed();
  const kinds = entries.map(({ kind, project }) => `${project} ${kind}`);
  expect(kinds).toEqual([...new Set(kinds)]);
  const ends = fleetProjects.map(({ name }) => `${name} closed`);
  const incidents = ['back incident', 'foul incident', 'foul quarantine', 'foul revert'];
  expect(kinds).toEqual(expect.arrayContaining([...ends, ...incidents]));
  const chain = { ok: true, entries: entries.length, head: entries.at(-1)?.hash, notSealed: 0 };
  const ledger = await openLedger({ url: postgres.url });
  expect(await ledger.verify()).toMatchObject(chain);
  await ledger.close();
  const answer = await stack.cli(['history', '--verify', '--json']);
  expect(answer.code).toBe(0);
  const signers = [{ rows: entries.length, retired: null }];
  expect(JSON.parse(answer.stdout)).toMatchObject({ ...chain, signers });
});

test('no log and no answer has the password of the database', async () => {
  const logs = await Promise.all([1, 2, 3].map((number) => readFile(log(number), 'utf8')));
  const secrets = [password, encodeURIComponent(password)];
  expect(hits([...logs, ...stack.said].join('\n'), secrets)).toBe(0);
});
