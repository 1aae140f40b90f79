import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { startDevServer } from '../worker/engine/dev-server.ts';
import { demoShips, scenario } from './demo/scenario.ts';
import { narrator } from './demo/narrate.ts';
import { nextSteps } from './demo/next-steps.ts';
import { startWorker } from './demo/processes.ts';
import { nameOf, sailAll } from './demo/sail.ts';
import type { Voyage } from './demo/sail.ts';
import { endOnSignal } from './end-on-signal.ts';
import { startFleet } from './fleet.ts';

/** Real time is 90 times as long; kinds, rules and the judge's constants are those of production. */
const timeScale = 90;

type Closer = () => Promise<unknown>;

const options = new Set(process.argv.slice(2));
const exits = options.has('--exit') || !process.stdout.isTTY;
const closers: Closer[] = [];
const tell = narrator(process.stderr);

async function opened<T>(part: Promise<T>, close: (part: T) => Promise<unknown>): Promise<T> {
  const open = await part;
  closers.push(() => close(open));
  return open;
}

/** Once, whoever asks: a voyage that fails because its parts are being closed waits for the rest. */
let closing: Promise<void> | undefined;
const closeAll = () => (closing ??= closeEach());

async function closeEach() {
  // Calls under way fail as their parts are closed: that must not cut the closing short.
  process.on('uncaughtException', () => {});
  for (let close = closers.pop(); close; close = closers.pop()) await close();
}

async function demo(): Promise<boolean> {
  const directory = await opened(mkdtemp(join(tmpdir(), 'plimsoll-demo-')), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  const dataFile = join(directory, 'temporal.db');
  const wanted = { dataFile, port: 7233, uiPort: 8233, onProgress: tell };
  const server = await opened(startDevServer(wanted), (it) => it.stop());
  tell(`Temporal and its Web UI: ${server.uiUrl}`);
  const fleetOptions = { directory: join(directory, 'fleet'), ships: demoShips, timeScale };
  const fleet = await opened(startFleet(fleetOptions), (it) => it.close());
  const { ships, sandbox } = fleet;
  tell(
    `${ships.length} projects on ${sandbox.hosts.length} hosts, at Vercel, Northflank and Cloudflare, all on this machine`,
  );
  const worker = { address: server.address, fleet, log: join(directory, 'worker.log') };
  await opened(startWorker(worker), (it) => it.stop());
  tell('The worker polls; deploying all of them');
  const connection = await opened(Connection.connect({ address: server.address }), (it) =>
    it.close(),
  );
  const client = new Client({ connection });
  const sea = { fleet, client, tell, address: server.address };
  const deploys = await sailAll(scenario, sea);
  summary(deploys, server.uiUrl);
  if (!exits) {
    process.stdout.write(nextSteps({ fleet, address: server.address, uiUrl: server.uiUrl }));
    await new Promise(() => {});
  }
  return deploys.every(asExpected);
}

const asExpected = ({ said }: Voyage) => said.got === said.wanted;

function summary(deploys: Voyage[], ui: string) {
  for (const deploy of deploys) {
    const { wanted, got, truth } = deploy.said;
    const mark = asExpected(deploy) ? 'as it should be' : `EXPECTED ${wanted}`;
    const what = got.padEnd('rolled-back (watch)'.length);
    tell(`${nameOf(deploy)} ${what} ${deploy.seconds} s  ${mark}  ${truth}`);
  }
  const rows = deploys.map(({ said: _said, ...row }) => row);
  if (options.has('--json')) process.stdout.write(`${JSON.stringify({ deploys: rows, ui })}\n`);
}

/** What a failed workflow really said lies at the bottom of its failures. */
function innermost(cause: unknown): string {
  let inner = cause;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (!(inner instanceof Error)) return String(inner);
  return inner === cause ? (inner.stack ?? inner.message) : inner.message;
}

/** A closed terminal must not keep the clean-up from ending. */
for (const out of [process.stdout, process.stderr]) out.on('error', () => {});

endOnSignal(() => {
  tell('Ending: worker, sandbox, Temporal …');
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
