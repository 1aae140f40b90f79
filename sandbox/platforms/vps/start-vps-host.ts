import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Board } from '../../board.ts';
import { writeBin } from './bin-directory.ts';
import { runCommand, type Session } from './command.ts';
import type { ContainerFile } from './docker/container.ts';
import { createEngine, type Engine } from './docker/engine.ts';
import { docker } from './docker.ts';
import { freePort } from '../../../worker/engine/free-port.ts';
import type { Guarded } from './guard.ts';
import { createJournal } from './journal.ts';
import { journalctl } from './journalctl.ts';
import { writeKeys, type HostKeys } from './keys.ts';
import { createRelayServer, type RelayHandlers } from './relay-server.ts';
import { startServer } from './start-server.ts';
import { systemctl } from './systemctl.ts';
import { createTracker } from './tracker.ts';
import { Unit, type UnitFile } from './unit.ts';

export type VpsHostOptions = {
  /** The root directory of the host. It contains bin, etc, home, var and srv. */
  directory: string;
  name: string;
  board: Board;
  service: Partial<UnitFile> & {
    unit: string;
    /**
     * The port of the service inside the host. Several hosts can use the same port, such as 18789.
     * Default: the real port on this machine.
     */
    port?: number;
    /**
     * If true, the service runs in the deploy directory, and releases are checked out there in
     * place. If false, the service runs in the directory `current`.
     */
    directoryItself?: boolean;
  };
  /**
   * The program that runs the service. Default: systemd. With `docker`, a container with the name
   * of the service mounts `current`. With `docker-in-place`, the container mounts the deploy
   * directory. With `compose`, the host has docker but no container yet.
   */
  runs?: 'systemd' | 'docker' | 'docker-in-place' | 'compose';
  /**
   * The SSH server. Default: the real sshd if it is installed and accepts this user, else a server
   * with the library ssh2.
   */
  server?: 'sshd' | 'ssh2';
  /** Programs that this host must not have. */
  without?: string[];
};

export type VpsHostHandle = {
  name: string;
  server: 'sshd' | 'ssh2';
  user: string;
  sshPort: number;
  /** The address for plimsoll.yaml: user@127.0.0.1:port. */
  address: string;
  hostKeyFingerprint: string;
  clientKeyPath: string;
  /** The origin of the service for clients outside the host. */
  url: string;
  /**
   * The origin of the service for programs on the host. In plimsoll.yaml, `health` starts with this
   * origin.
   */
  insideUrl: string;
  /** The deploy directory. */
  directory: string;
  home: string;
  bin: string;
  unit: string;
  stop(): Promise<void>;
};

/**
 * Starts a host with a real shell, a real SSH server, real git and a real service. All of them also
 * end when the process of the sandbox ends.
 */
export async function startVpsHost(options: VpsHostOptions): Promise<VpsHostHandle> {
  const machine = await build(options);
  await machine.relay.listen();
  const server = await startServer({ ...machine, server: options.server });
  const user = userInfo().username;
  return {
    name: options.name,
    server: server.kind,
    user,
    sshPort: server.port,
    address: `${user}@127.0.0.1:${server.port}`,
    hostKeyFingerprint: machine.keys.hostKeyFingerprint,
    clientKeyPath: machine.keys.clientKeyPath,
    url: `http://127.0.0.1:${machine.port.real}`,
    insideUrl: `http://127.0.0.1:${machine.port.inside}`,
    directory: machine.directory,
    home: machine.home,
    bin: join(machine.root, 'bin'),
    unit: machine.unit.file.unit,
    stop: () => stop(machine, server.stop),
  };
}

async function build(options: VpsHostOptions) {
  const root = options.directory;
  const [directory, home] = [join(root, 'srv/app'), join(root, 'home')];
  for (const path of [directory, home, join(root, 'var')]) mkdirSync(path, { recursive: true });
  const sockets = mkdtempSync(join(tmpdir(), 'plimsoll-'));
  const socket = join(sockets, 's');
  const real = await freePort();
  const port = { real, inside: options.service.port ?? real };
  const runs = options.runs ?? 'systemd';
  const without = options.without ?? [];
  const bin = writeBin({ root, socket, without, docker: runs !== 'systemd', port });
  const env = { PATH: bin.path, HOME: home, USER: userInfo().username, LANG: 'C.UTF-8' };
  const journal = createJournal(join(root, 'var/journal.ndjson'));
  const unit = new Unit(unitFile(options, directory, real), env, journal);
  const units = new Map([[unit.file.unit, unit]]);
  const { environment = {} } = unit.file;
  const engine = createEngine({ store: join(root, 'var/images'), env, environment, journal });
  if (runs.startsWith('docker')) engine.create(containerFile(options, directory));
  const starts = () => startsOf(units, engine);
  const tracker = createTracker({ board: options.board, host: options.name, directory, starts });
  const running = new Set<Guarded>();
  const deps = { board: options.board, host: options.name, home, env, tracker, running };
  const command = (text: string, session: Session) => runCommand(deps, text, session);
  const tool: RelayHandlers['tool'] = async (name, args, lie, caller) => {
    if (name === 'docker') return await docker(engine, args, lie, caller);
    return name === 'systemctl' ? systemctl(units, args, lie) : journalctl(journal.lines, args);
  };
  const relay = createRelayServer(socket, { command, tool });
  const keys: HostKeys = writeKeys(root);
  const { forceCommand } = bin;
  return {
    root,
    directory,
    home,
    sockets,
    port,
    journal,
    unit,
    engine,
    running,
    command,
    relay,
    keys,
    forceCommand,
  };
}

const startsOf = (units: Map<string, Unit>, engine: Engine) =>
  new Map([
    ...[...units].map(([name, unit]) => [name, unit.startsByHand] as const),
    ...engine.containers.map(({ id, unit }) => [id, unit.startsByHand] as const),
  ]);

function containerFile({ service, runs }: VpsHostOptions, directory: string): ContainerFile {
  const mounted = runs === 'docker' ? join(directory, 'current') : directory;
  return {
    name: service.unit,
    image: { name: 'node:24', id: `sha256:${'0'.repeat(64)}` },
    command: [process.execPath, 'server.mjs'],
    directory: mounted,
    mounts: [mounted],
    labels: {},
    environment: {},
  };
}

function unitFile({ service }: VpsHostOptions, directory: string, port: number): UnitFile {
  const { port: _inside, directoryItself = false, ...file } = service;
  return {
    execStart: [process.execPath, 'server.mjs'],
    workingDirectory: directoryItself ? directory : join(directory, 'current'),
    ...file,
    unit: file.unit.replace(/(\.service)?$/, '.service'),
    environment: { PORT: String(port), ...file.environment },
  };
}

type Machine = Awaited<ReturnType<typeof build>>;

async function stop(machine: Machine, stopServer: () => Promise<void>) {
  await stopServer();
  for (const process of machine.running) process.kill();
  await machine.unit.destroy();
  await machine.engine.destroy();
  await machine.relay.close();
  machine.journal.close();
  rmSync(machine.sockets, { recursive: true, force: true });
}
