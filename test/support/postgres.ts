import { execFile } from 'node:child_process';
import { chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../../worker/engine/free-port.ts';
import { startProcess } from '../../activities/lib/process.ts';

/** A real PostgreSQL: the installed server, or PGlite (WebAssembly) if there is no server. */
export type Postgres = {
  kind: 'server' | 'pglite';
  url: string;
  /** Runs a statement as the owner, on a new connection. */
  query(statement: string): Promise<pg.QueryResult['rows']>;
  stop(): Promise<void>;
};

const execute = promisify(execFile);
export const password = 'Tq7-planted@password';
const address = (port: number) =>
  `postgres://plimsoll:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;

export async function startPostgres(): Promise<Postgres> {
  const bin = await findServer();
  const { stop, port } = bin ? await startServer(bin) : await startPglite();
  const url = address(port);
  const query = async (statement: string) => await ask(url, statement);
  return { kind: bin ? 'server' : 'pglite', url, query, stop };
}

export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function ask(url: string, statement: string) {
  const client = await connect(url);
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

/**
 * The directory of initdb and postgres; undefined = this machine has no server that can be used.
 * Debian does not put this directory on PATH. Root needs setpriv to run the server.
 */
async function findServer(): Promise<string | undefined> {
  if (process.env['PLIMSOLL_TEST_POSTGRES'] === 'pglite') return undefined;
  if (isRoot() && !existsSync('/usr/bin/setpriv')) return undefined;
  const debian = await readdir('/usr/lib/postgresql').catch(() => []);
  const places = [
    ...debian.map((version) => `/usr/lib/postgresql/${version}/bin`),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  return places.find((place) =>
    ['initdb', 'postgres'].every((name) => existsSync(join(place, name))),
  );
}

const isRoot = () => process.getuid?.() === 0;
const nobody = 65_534;
/**
 * If this process is root, runs the command as the user nobody, because PostgreSQL refuses to run
 * as root. setpriv keeps the process id.
 */
const unprivileged = (command: string, args: string[]): [string, string[]] =>
  isRoot()
    ? ['setpriv', [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', command, ...args]]
    : [command, args];

async function startServer(bin: string) {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-postgres-'));
  const secret = join(directory, 'password');
  await writeFile(secret, password);
  if (isRoot()) for (const path of [directory, secret]) await chown(path, nobody, nobody);
  const data = join(directory, 'data');
  const create = ['-D', data, '-U', 'plimsoll', '-E', 'UTF8', '--no-sync', '--locale=C'];
  const login = ['--auth=scram-sha-256', `--pwfile=${secret}`];
  const cwd = directory;
  await execute(...unprivileged(join(bin, 'initdb'), [...create, ...login]), { cwd });
  const port = await freePort();
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories='];
  const run = ['-D', data, ...[...settings, 'fsync=off'].flatMap((it) => ['-c', it])];
  const [command, args] = unprivileged(join(bin, 'postgres'), run);
  const server = await startProcess(command, args, { cwd, graceMs: 2000, stderr: 'ignore' });
  await untilAnswered(port);
  const stop = async () => {
    // SIGINT makes PostgreSQL shut down fast, without a wait for its clients.
    process.kill(server.pid, 'SIGINT');
    await server.exited;
    await rm(directory, { recursive: true, force: true });
  };
  return { port, stop };
}

async function untilAnswered(port: number) {
  const end = Date.now() + 60_000;
  for (;;) {
    try {
      return await ask(address(port), 'SELECT 1');
    } catch (cause) {
      if (Date.now() > end) throw new Error('PostgreSQL did not answer within 60 s', { cause });
      await sleep(100);
    }
  }
}

/**
 * Starts PGlite. All connections share one session. PGlite needs much memory, so a test file must
 * start only one.
 */
async function startPglite() {
  const { PGlite } = await import('@electric-sql/pglite');
  const { PGLiteSocketServer } = await import('@electric-sql/pglite-socket');
  const db = await PGlite.create();
  const port = await freePort();
  const server = new PGLiteSocketServer({ db, port, host: '127.0.0.1', maxConnections: 50 });
  await server.start();
  const stop = async () => {
    await server.stop();
    await db.close();
  };
  return { port, stop };
}
