import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createBuilder } from '../activities/builds/builder.ts';
import type { Builder } from '../activities/builds/builder.ts';
import type { Network } from '../activities/builds/job.ts';
import { buildFirst } from '../activities/platforms/cloudflare/build-first.ts';
import { besideWrangler } from '../activities/platforms/cloudflare/find-wrangler.ts';
import { prepareUpload } from '../activities/platforms/cloudflare/prepare-upload.ts';
import { defaultBuilds } from '../domain/config/builds.ts';
import { workers } from '../sandbox/samples/workers.ts';
import { median, ms, plain, within } from './row.ts';
import type { Row } from './row.ts';

const runs = 11;
const mostMs = 300;

/** The jobs of one deploy: npm ci, the build command, the bundler, and wrangler with the token. */
const jobs: Network[] = [
  ...[1, 2, 3].map(() => ({ kind: 'filtered' as const, hosts: [] })),
  { kind: 'whole' },
];

/**
 * Measures the time that the isolation adds to a deploy of a Worker, and the time of the separate
 * run of the bundler.
 */
export async function isolationRows(): Promise<Row[]> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'plimsoll-bench-')));
  const isolated = createBuilder(defaultBuilds);
  const { kind } = await isolated.isolation();
  try {
    if (kind === 'missing') return [plain('isolation', 'missing')];
    const without = createBuilder({ ...defaultBuilds, isolation: 'none' });
    const costs: Cost[] = [];
    for (let run = 0; run < runs; run += 1) {
      const [own, plainly] = [await costOf(isolated, directory), await costOf(without, directory)];
      costs.push({ wallMs: own.wallMs - plainly.wallMs, cpuMs: own.cpuMs - plainly.cpuMs });
    }
    const cpuMs = costs.reduce((sum, cost) => sum + cost.cpuMs, 0) / runs;
    const what = `${kind} of the ${jobs.length} jobs of one deploy`;
    const bundling = await bundleMs(isolated, directory);
    return [
      within(`${what}: the clock`, median(costs.map(({ wallMs }) => wallMs)), mostMs, ms),
      within('  the processors, which a busy machine changes less', cpuMs, mostMs, ms),
      plain('  the bundler, which runs without a token', ms(bundling)),
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Milliseconds by the clock, and of all processors for this process and its ended children. */
type Cost = { wallMs: number; cpuMs: number };

/** Returns the time of this process and its children. Linux counts it in steps of 10 ms. */
function cpuMs(): number {
  const [, rest = ''] = readFileSync('/proc/self/stat', 'latin1').split(') ');
  const [own = 0, system = 0, children = 0, systemOfChildren = 0] = rest
    .split(' ')
    .slice(11, 15)
    .map(Number);
  return (own + system + children + systemOfChildren) * 10;
}

/** Returns what the jobs of one deploy cost if their commands do nothing. */
async function costOf(builder: Builder, directory: string): Promise<Cost> {
  const [from, cpuFrom] = [performance.now(), cpuMs()];
  for (const network of jobs)
    await builder.run({
      ...{ argv: ['/bin/true'], cwd: directory, env: {}, writable: [directory] },
      ...{ network, timeoutMs: 60_000 },
    });
  return { wallMs: performance.now() - from, cpuMs: cpuMs() - cpuFrom };
}

async function bundleMs(builder: Builder, base: string): Promise<number> {
  const tree = {
    root: join(base, 'tree'),
    directory: join(base, 'tree/workers/w'),
    output: join(base, 'out'),
    own: join(base, 'own'),
  };
  for (const [path, text] of Object.entries(workers.good('w'))) {
    mkdirSync(dirname(join(tree.root, path)), { recursive: true });
    writeFileSync(join(tree.root, path), String(text));
  }
  mkdirSync(tree.output);
  const source = { repository: 'r', sha: 's', directory: 'workers/w', environment: null };
  const configured = await buildFirst({ tree, source, builder });
  const own = await besideWrangler();
  const times: number[] = [];
  for (let run = 0; run < 3; run += 1) {
    const from = performance.now();
    await prepareUpload({ builder }, { tree, configured, account: 'a', own });
    times.push(performance.now() - from);
  }
  return median(times);
}
