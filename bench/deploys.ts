import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ProjectSpec } from '../sandbox/fleet/fleet.ts';
import { workers } from '../sandbox/samples/workers.ts';
import { samples } from '../sandbox/samples/samples.ts';
import { startStack } from '../sandbox/fleet/stack.ts';
import type { Stack } from '../sandbox/fleet/stack.ts';
import { runDeploy } from './approval.ts';
import { ms, plain, ratio, seconds, within } from './row.ts';
import type { Row } from './row.ts';
import { longest, readDeployRun, withoutWindows } from './spans.ts';
import { bareHost, bareVercel, bareWrangler } from './bare.ts';
import type { Bare } from './bare.ts';
import { measureRollback } from './rollback.ts';

const run = promisify(execFile);
const timeScale = 60;
const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const bad = { ...good, next: samples.failsLater(30) } as const;
const worker = (name: string): ProjectSpec => ({
  ...{ name, hosts: 0, at: 'cloudflare', checks: 'success' },
  ...{ first: workers.good(name, 1), next: workers.good(name, 2) },
});
const fleetProjects: ProjectSpec[] = [
  { ...good, name: 'one-host', hosts: 1 },
  { ...good, name: 'at-vercel', hosts: 0, at: 'vercel', merged: false },
  worker('at-cloudflare'),
  { ...bad, name: 'bad-one', hosts: 1 },
  { ...bad, name: 'bad-two', hosts: 2 },
];

/**
 * Measures deploys by Plimsoll and deploys by hand on the same hosts, one after the other, with
 * real processes. Passes rows to `tell` as soon as they are measured, and returns the last rows.
 */
export async function deployRows(tell: (rows: Row[]) => void): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'));
  const stack = await startStack({ directory, fleetProjects, timeScale });
  try {
    tell(await measureRollback(stack, 'bad-one', runDeploy));
    tell(await measureRollback(stack, 'bad-two', runDeploy));
    // The deploys below run last, because the first deploys of a worker and by hand are slower. A
    // worker usually runs for weeks.
    tell(await wholeDeploy(stack, 'one-host', () => bareHost(stack, directory)));
    tell(await wholeDeploy(stack, 'at-vercel', () => bareVercel(stack, directory)));
    tell(await wholeDeploy(stack, 'at-cloudflare', () => bareWrangler(stack, directory)));
    return await memoryRows(stack);
  } finally {
    await stack.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const ref = { 'one-host': 'main', 'at-vercel': 'next', 'at-cloudflare': 'main' };

/**
 * Measures one deploy by Plimsoll, and then the same deploy by hand. The deploy by hand runs last,
 * because it pushes commits that no CI has checked.
 */
async function wholeDeploy(
  stack: Stack,
  project: keyof typeof ref,
  measureBare: () => Promise<Bare>,
): Promise<Row[]> {
  const handle = await runDeploy(stack, project, ref[project]);
  await handle.result();
  const deployRun = await readDeployRun(handle);
  const { total, idle } = withoutWindows(deployRun);
  const gate = longest(deployRun, /^check/);
  const bare = await measureBare();
  const steps = deployRun.activities.filter(({ name }) => name !== 'takeSamples');
  return [
    ...steps.map(({ name, from, to }) => plain(`  ${name}`, ms(to - from))),
    plain(`${project}: events of one deploy on the real server`, `${deployRun.events}`),
    plain(`deploy by hand: ${bare.what}`, seconds(bare.ms)),
    plain('slowest gate', seconds(gate)),
    within('whole deploy without watch and thinking time', total, bare.ms + gate + 2000),
    plain('  as a multiple of the deploy by hand and the gate', ratio(total, bare.ms + gate)),
    within('time in which no activity ran', idle, 2000),
  ];
}

async function memoryRows({ worker, server }: Stack): Promise<Row[]> {
  const rss = async (pid: number) =>
    Number((await run('ps', ['-o', 'rss=', '-p', String(pid)])).stdout);
  const show = async (pid: number) => `${Math.round((await rss(pid)) / 1024)} MB`;
  return [
    plain('memory of the worker after three deploys', await show(worker.pid)),
    plain('memory of Temporal and its Web UI', await show(server.pid)),
  ];
}
