import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Board } from '../board.ts';
import { writeBin } from './bin-directory.ts';
import { runCommand, type Session } from './command.ts';
import { freePort } from './free-port.ts';
import type { Guarded } from './guard.ts';
import { createJournal } from './journal.ts';
import { journalctl } from './journalctl.ts';
import { writeKeys, type HostKeys } from './keys.ts';
import { createRelayServer } from './relay-server.ts';
import { startServer } from './start-server.ts';
import { systemctl } from './systemctl.ts';
import { createTracker } from './tracker.ts';
import { Unit, type UnitFile } from './unit.ts';

export type VpsHostOptions = {
  /** The host's root: its bin, etc, home, var and srv lie under it. */
  directory: string;
  name: string;
  board: Board;
  service: Partial<UnitFile> & {
    unit: string;
    /**
     * The port as the host itself sees it, such as 18789 on each of two hosts; default: the real
     * one.
     */
    port?: number;
  };
  /** Default: the real sshd where there is one that lets this user in. */
  server?: 'sshd' | 'ssh2';
  /** Programs that this host must not have. */
  without?: string[];
};

export type VpsHostHandle = {
  name: string;
  server: 'sshd' | 'ssh2';
  user: string;
  sshPort: number;
  /** user@127.0.0.1:port, as plimsoll.yaml takes it. */
  address: string;
  hostKeyFingerprint: string;
  clientKeyPath: string;
  /** The service as the outside world sees it. */
  url: string;
  /** The service's origin as the host itself sees it; what `health` starts with. */
  insideUrl: string;
  /** The deploy directory. */
  directory: string;
  home: string;
  bin: string;
  unit: string;
  stop(): Promise<void>;
};

/**
 * A host with a real shell, real sshd, real git and a real service; all of it dies with this
 * process.
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
  const bin = writeBin({ root, socket, without: options.without ?? [], port });
  const env = { PATH: bin.path, HOME: home, USER: userInfo().username, LANG: 'C.UTF-8' };
  const journal = createJournal(join(root, 'var/journal.ndjson'));
  const unit = new Unit(unitFile(options, directory, real), env, journal);
  const units = new Map([[unit.file.unit, unit]]);
  const tracker = createTracker({ board: options.board, host: options.name, directory, units });
  const running = new Set<Guarded>();
  const deps = { board: options.board, host: options.name, home, env, tracker, running };
  const command = (text: string, session: Session) => runCommand(deps, text, session);
  const tool = async (name: string, args: string[], lie: boolean) =>
    name === 'systemctl' ? systemctl(units, args, lie) : journalctl(journal.lines, args);
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
    running,
    command,
    relay,
    keys,
    forceCommand,
  };
}

function unitFile({ service }: VpsHostOptions, directory: string, port: number): UnitFile {
  const { port: _inside, ...file } = service;
  return {
    execStart: [process.execPath, 'server.mjs'],
    workingDirectory: join(directory, 'current'),
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
  await machine.relay.close();
  machine.journal.close();
  rmSync(machine.sockets, { recursive: true, force: true });
}
