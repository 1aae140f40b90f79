import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../../domain/lib/user-error.ts';
import { freePort } from './free-port.ts';
import { restrictFiles, sqliteFiles } from '../../activities/lib/private-files.ts';
import { lastLines, startProcess } from '../../activities/lib/process.ts';
import type { Started } from '../../activities/lib/process.ts';
import { searchAttributeNames } from '../search-attributes.ts';
import { serverSettings } from './server-settings.ts';
import { findTemporal } from './temporal-binary.ts';
import { hiddenHost, startUiProxy } from './ui-proxy.ts';
import type { HiddenUi } from './ui-proxy.ts';
import { untilReady } from './until-ready.ts';

export type DevServerOptions = {
  /**
   * The path of the SQLite file for the workflows. Without a file, the workflows are lost when the
   * server ends.
   */
  dataFile?: string;
  /**
   * Preferred ports. If a port is in use, a free port replaces it, and `onProgress` receives a line
   * about the change.
   */
  port?: number;
  uiPort?: number;
  onProgress?: (line: string) => void;
  /** The path of the Temporal CLI. Default: the path that `findTemporal` returns. */
  binary?: string;
  /** Settings in addition to `serverSettings`. Tests use them for lower limits. */
  settings?: readonly string[];
};

export type DevServer = {
  /** host:port of the gRPC front end, on loopback. */
  address: string;
  uiUrl: string;
  /** The pid of the Temporal server. */
  pid: number;
  stop(): Promise<void>;
  /** Resolves to the exit code when the process of the server ends. Null after a signal. */
  exited: Promise<number | null>;
};

type Ports = { grpc: number; ui: number; hiddenUi: HiddenUi };

/**
 * Starts a real Temporal server with its Web UI on loopback. The server also ends when the calling
 * process ends.
 */
export async function startDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  const { onProgress = () => {}, dataFile } = options;
  const binary = options.binary ?? (await findTemporal({ onProgress }));
  if (dataFile) {
    await mkdir(dirname(dataFile), { recursive: true, mode: 0o700 });
    restrictFiles(sqliteFiles(dataFile));
  }
  const ports = await choosePorts(options, onProgress);
  const server = await startProcess(binary, serverArguments(ports, options));
  const address = `127.0.0.1:${ports.grpc}`;
  const log = keepTail(server);
  await untilReady(address, server.exited).catch(async (cause: Error) => {
    await server.stop();
    throw notStarted(binary, cause.message, log());
  });
  // The server must create its file itself, with the umask of this process.
  if (dataFile) restrictFiles(sqliteFiles(dataFile));
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
      onProgress(`Port ${wanted} is in use, so ${use} uses port ${chosen}.`);
    return chosen;
  };
  const grpc = await choose(port, 'the Temporal server');
  const ui = await choose(uiPort, 'the Web UI');
  return { grpc, ui, hiddenUi: { host: hiddenHost(), port: await freePort() } };
}

function serverArguments(ports: Ports, { dataFile, settings = [] }: DevServerOptions): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'error'],
    ...[...serverSettings, ...settings].flatMap((setting) => ['--dynamic-config-value', setting]),
    ...['--port', String(ports.grpc), '--ui-port', String(ports.hiddenUi.port)],
    ...['--ui-ip', ports.hiddenUi.host],
    ...(dataFile ? ['--db-filename', dataFile] : []),
    ...searchAttributeNames.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ];
}

function keepTail({ process: { stdout, stderr } }: Started): () => string {
  let tail = '';
  for (const stream of [stdout, stderr])
    stream?.on('data', (chunk) => (tail = (tail + chunk).slice(-8000)));
  return () => lastLines(tail, 15);
}

const notStarted = (binary: string, why: string, log: string) =>
  new UserError(
    `The Temporal server did not start: ${why}.
${log.replace(/^/gm, '  ')}
To see more, start the server by hand: ${binary} server start-dev`,
  );
