import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { samples } from '../sandbox/samples/samples.ts';
import type { FileTree } from '../sandbox/samples/samples.ts';
import { startStack } from '../sandbox/fleet/stack.ts';
import { board } from './approval.ts';
import { plain, ratio, seconds, within } from './row.ts';
import type { Row } from './row.ts';
import { longest, readDeployRun } from './spans.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = 10_000;
const times = (value: number) => ratio(value, 1);
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

/** Returns the files of a service, among them 10,000 copies of source files of this project. */
function large(): FileTree {
  const sources = globSync('{activities,client,domain,worker,workflows}/**/*.ts', {
    cwd: root,
  }).map((path) => readFileSync(join(root, path), 'utf8'));
  const copies = Array.from({ length: files }, (_, index) => [
    `src/${index % 100}/${index}.ts`,
    sources[index % sources.length] ?? '',
  ]);
  return { ...Object.fromEntries(copies), ...samples.good(1) };
}

/**
 * Measures all gates of one deploy of a repository with 10,000 files. One worker checks the gates
 * in parallel.
 */
export async function preflightRows(): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-bench-preflight-'));
  const first = large();
  const fleetProject = { name: 'large', hosts: 1, first, checks: 'success' } as const;
  const next = { ...first, ...samples.good(2) };
  const stack = await startStack({
    directory,
    fleetProjects: [{ ...fleetProject, next }],
    timeScale: 60,
  });
  try {
    const idle = peakOf(stack.worker.pid);
    const handle = await board(stack, 'large');
    const rejected = await stack.as('morgan', 'reject', 'large', 'production');
    if (rejected.code !== 0) throw new Error(rejected.stderr);
    await handle.result();
    const deployRun = await readDeployRun(handle);
    const gates = deployRun.activities.filter(({ name }) => name.startsWith('check'));
    const [from, to] = [
      Math.min(...gates.map(({ scheduled }) => scheduled)),
      Math.max(...gates.map((gate) => gate.to)),
    ];
    const slowest = longest(deployRun, /^check/);
    return [
      ...gates.map((gate) => plain(`  ${gate.name}`, seconds(gate.to - gate.from))),
      plain(`preflight of a repository of ${files} files`, seconds(to - from)),
      within('  as a multiple of the slowest gate', (to - from) / slowest, 1.3, times),
      plain('  peak memory of the worker before the preflight', megabytes(idle)),
      within('  peak memory of the worker', peakOf(stack.worker.pid), 500e6, megabytes),
    ];
  } finally {
    await stack.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The peak memory of a process in bytes. NaN if the system does not record it. */
function peakOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  } catch {
    return Number.NaN;
  }
}
