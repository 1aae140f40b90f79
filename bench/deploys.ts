import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ShipSpec } from '../sandbox/fleet.ts';
import { workers } from '../sandbox/samples/workers.ts';
import { samples } from '../sandbox/samples.ts';
import { startStack } from '../sandbox/stack.ts';
import type { Stack } from '../sandbox/stack.ts';
import { sail } from './approval.ts';
import { ms, plain, ratio, seconds, within } from './row.ts';
import type { Row } from './row.ts';
import { longest, readVoyage, withoutWindows } from './spans.ts';
import { bareHost, bareVercel, bareWrangler } from './bare.ts';
import type { Bare } from './bare.ts';
import { measureRollback } from './rollback.ts';

const run = promisify(execFile);
const timeScale = 60;
const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const bad = { ...good, next: samples.failsLater(30) } as const;
const worker = (name: string): ShipSpec => ({
  ...{ name, hosts: 0, at: 'cloudflare', checks: 'success' },
  ...{ first: workers.good(name, 1), next: workers.good(name, 2) },
});
export const ships: ShipSpec[] = [
  { ...good, name: 'one-host', hosts: 1 },
  { ...good, name: 'at-vercel', hosts: 0, at: 'vercel', merged: false },
  worker('at-cloudflare'),
  { ...bad, name: 'bad-one', hosts: 1 },
  { ...bad, name: 'bad-two', hosts: 2 },
];

/** Real deploys of real processes, one after the other, and the bare tool on the same hosts; told as they come. */
export async function deployRows(tell: (rows: Row[]) => void): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'));
  const stack = await startStack({ directory, ships, timeScale });
  try {
    tell(await measureRollback(stack, 'bad-one', sail));
    tell(await measureRollback(stack, 'bad-two', sail));
    // Last: a worker runs for weeks, so its first deploy says little; the bare tool is warm too.
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

/** The bare tool comes after it: it pushes commits that no CI has judged. */
async function wholeDeploy(
  stack: Stack,
  project: keyof typeof ref,
  measureBare: () => Promise<Bare>,
): Promise<Row[]> {
  const handle = await sail(stack, project, ref[project]);
  await handle.result();
  const voyage = await readVoyage(handle);
  const { total, idle } = withoutWindows(voyage);
  const gate = longest(voyage, /^check/);
  const bare = await measureBare();
  const steps = voyage.activities.filter(({ name }) => name !== 'takeLooks');
  return [
    ...steps.map(({ name, from, to }) => plain(`  ${name}`, ms(to - from))),
    plain(`${project}: events of one deploy on the real server`, `${voyage.events}`),
    plain(`bare tool: ${bare.what}`, seconds(bare.ms)),
    plain('slowest gate', seconds(gate)),
    within('whole deploy without windows and thinking', total, bare.ms + gate + 2000),
    plain('  as a multiple of the bare tool and gate', ratio(total, bare.ms + gate)),
    within('own overhead: time in which no activity ran', idle, 2000),
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
