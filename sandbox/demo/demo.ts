import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { startDevServer } from '../../worker/engine/dev-server.ts';
import { chosen } from './scenario.ts';
import { narrator } from './narrate.ts';
import { nextSteps } from './next-steps.ts';
import { startWorker } from '../fleet/processes.ts';
import { nameOf, runAll } from './run-deploy.ts';
import type { DeployRun } from './run-deploy.ts';
import { endOnSignal } from '../end-on-signal.ts';
import { startFleet } from '../fleet/fleet.ts';

/**
 * The demo runs 90 times faster than real time. Its rules and constants are the same as in
 * production.
 */
const timeScale = 90;

type Closer = () => Promise<unknown>;

const options = new Set(process.argv.slice(2));
const exits = options.has('--exit') || !process.stdout.isTTY;
/** With `--only=NAME,NAME`, the demo runs only the projects with these names. */
const only = [...options].find((option) => option.startsWith('--only='))?.slice('--only='.length);
const closers: Closer[] = [];
const narrate = narrator(process.stderr);

async function opened<T>(part: Promise<T>, close: (part: T) => Promise<unknown>): Promise<T> {
  const open = await part;
  closers.push(() => close(open));
  return open;
}

/**
 * Resolves when all parts are closed. The parts are closed only once. A second call of `closeAll`
 * waits for the first call.
 */
let closing: Promise<void> | undefined;
const closeAll = () => (closing ??= closeEach());

async function closeEach() {
  // When a part closes, calls to that part fail. These failures must not stop the closing of the
  // other parts.
  process.on('uncaughtException', () => {});
  for (let close = closers.pop(); close; close = closers.pop()) await close();
}

async function demo(): Promise<boolean> {
  const { projects, chains } = chosen(only?.split(',') ?? null);
  const directory = await opened(mkdtemp(join(tmpdir(), 'plimsoll-demo-')), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  const dataFile = join(directory, 'temporal.db');
  const wanted = { dataFile, port: 7233, uiPort: 8233, onProgress: narrate };
  const server = await opened(startDevServer(wanted), (it) => it.stop());
  narrate(`Temporal and its Web UI: ${server.uiUrl}`);
  const fleetOptions = {
    directory: join(directory, 'fleet'),
    fleetProjects: projects,
    timeScale,
  };
  const fleet = await opened(startFleet(fleetOptions), (it) => it.close());
  const { fleetProjects, sandbox } = fleet;
  narrate(
    `${fleetProjects.length} projects run on ${sandbox.hosts.length} hosts ` +
      'and on stand-ins for Vercel, Northflank and Cloudflare. Everything is on this machine.',
  );
  const worker = { address: server.address, fleet, log: join(directory, 'worker.log') };
  await opened(startWorker(worker), (it) => it.stop());
  narrate('The worker is running. Deploying all projects.');
  const connection = await opened(Connection.connect({ address: server.address }), (it) =>
    it.close(),
  );
  const client = new Client({ connection });
  const demo = { fleet, client, narrate, address: server.address };
  const deploys = await runAll(chains, demo);
  summary(deploys, server.uiUrl);
  if (!exits) {
    process.stdout.write(nextSteps({ fleet, address: server.address, uiUrl: server.uiUrl }));
    await new Promise(() => {});
  }
  return deploys.every(asExpected);
}

const asExpected = ({ said }: DeployRun) => said.got === said.wanted;

function summary(deploys: DeployRun[], ui: string) {
  for (const deploy of deploys) {
    const { wanted, got, truth } = deploy.said;
    const mark = asExpected(deploy) ? 'as it should be' : `EXPECTED ${wanted}`;
    const what = got.padEnd('rolled-back (watch)'.length);
    narrate(`${nameOf(deploy)} ${what} ${deploy.seconds} s  ${mark}  ${truth}`);
  }
  const rows = deploys.map(({ said: _said, ...row }) => row);
  if (options.has('--json')) process.stdout.write(`${JSON.stringify({ deploys: rows, ui })}\n`);
}

/**
 * Returns the message of the innermost cause, because this cause is the real reason of a failed
 * workflow. If the error has no cause, returns the stack of the error.
 */
function innermost(cause: unknown): string {
  let inner = cause;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (!(inner instanceof Error)) return String(inner);
  return inner === cause ? (inner.stack ?? inner.message) : inner.message;
}

/** Ignores write errors, because a closed terminal must not stop the clean-up. */
for (const out of [process.stdout, process.stderr]) out.on('error', () => {});

endOnSignal(() => {
  narrate('Stopping the worker, the sandbox and Temporal …');
  return closeAll();
});

try {
  const good = await demo();
  await closeAll();
  process.exit(good ? 0 : 1);
} catch (cause) {
  await closeAll();
  process.stderr.write(`${innermost(cause)}\n`);
  process.exit(1);
}
