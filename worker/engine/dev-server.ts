import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../../domain/user-error.ts';
import { freePort } from './free-port.ts';
import { spawnGuarded } from './guarded.ts';
import type { Guarded } from './guarded.ts';
import { lastLines } from './run-guarded.ts';
import { searchAttributeNames } from '../search-attributes.ts';
import { findTemporal } from './temporal-binary.ts';
import { startUiProxy } from './ui-proxy.ts';
import { untilReady } from './until-ready.ts';

export type DevServerOptions = {
  /** SQLite file: workflows survive the server. Absent = in memory. */
  dataFile?: string;
  /** Wanted ports; a busy one becomes another free one, told by one line. */
  port?: number;
  uiPort?: number;
  onProgress?: (line: string) => void;
  /** Path of the CLI; absent = `findTemporal`. */
  binary?: string;
};

export type DevServer = {
  /** host:port of the gRPC front end, on loopback. */
  address: string;
  uiUrl: string;
  /** The Temporal server's own process. */
  pid: number;
  stop(): Promise<void>;
  /** Settles when the server's process ends, however it ends. */
  exited: Promise<number | null>;
};

type Ports = { grpc: number; ui: number; hiddenUi: number };

/** A real Temporal server with Web UI on loopback, which never outlives this process. */
export async function startDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  const { onProgress = () => {}, dataFile } = options;
  const binary = options.binary ?? (await findTemporal({ onProgress }));
  if (dataFile) await mkdir(dirname(dataFile), { recursive: true });
  const ports = await choosePorts(options, onProgress);
  const server = await spawnGuarded(binary, serverArguments(ports, dataFile), {
    env: withoutTemporal(process.env),
  });
  const address = `127.0.0.1:${ports.grpc}`;
  const log = keepTail(server);
  await untilReady(address, server.exited).catch(async (cause: Error) => {
    await server.stop();
    throw notStarted(binary, cause.message, log());
  });
  const ui = await startUiProxy(ports.ui, ports.hiddenUi);
  void server.exited.then(() => ui.close());
  const stop = async () => {
    ui.close();
    ui.closeAllConnections();
    await server.stop();
  };
  const uiUrl = `http://127.0.0.1:${ports.ui}`;
  return { address, uiUrl, pid: server.pid, stop, exited: server.exited };
}

async function choosePorts(
  { port, uiPort }: DevServerOptions,
  onProgress: (line: string) => void,
): Promise<Ports> {
  const choose = async (wanted: number | undefined, use: string) => {
    const chosen = await freePort(wanted);
    if (wanted !== undefined && chosen !== wanted)
      onProgress(`Port ${wanted} is in use; ${use} is on ${chosen} instead.`);
    return chosen;
  };
  const grpc = await choose(port, 'the Temporal server');
  const ui = await choose(uiPort, 'the Web UI');
  return { grpc, ui, hiddenUi: await freePort() };
}

/** An activity comes with the answer to the workflow task that asked for it: no wait, no poll between. */
const eager = 'system.enableActivityEagerExecution=true';

function serverArguments(ports: Ports, dataFile: string | undefined): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'error'],
    ...['--dynamic-config-value', eager],
    ...['--port', String(ports.grpc), '--ui-port', String(ports.hiddenUi)],
    ...(dataFile ? ['--db-filename', dataFile] : []),
    ...searchAttributeNames.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ];
}

/** The user's profile, address or API key is about a real server, never about this one. */
const withoutTemporal = (env: NodeJS.ProcessEnv) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));

function keepTail({ process: { stdout, stderr } }: Guarded): () => string {
  let tail = '';
  for (const stream of [stdout, stderr])
    stream?.on('data', (chunk) => (tail = (tail + chunk).slice(-8000)));
  return () => lastLines(tail, 15);
}

const notStarted = (binary: string, why: string, log: string) =>
  new UserError(
    `The Temporal server did not start: ${why}.
${log.replace(/^/gm, '  ')}
Try it by hand to see more: ${binary} server start-dev`,
  );
