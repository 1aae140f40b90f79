import { EventEmitter } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VpsHost } from '../../../../domain/platforms/vps/target.ts';
import { logTail } from '../../../lib/log-tail.ts';
import { childEnvironment } from '../../../lib/child-environment.ts';
import { spawnChild } from '../../../lib/child.ts';
import { runProcess, startProcess } from '../../../lib/process.ts';
import { readCertificate } from './certificate.ts';
import type { Channel, Connection } from './connection.ts';
import { fingerprintOf, kindOf, shownKey } from './host-keys.ts';
import type { ShownKey } from './host-keys.ts';

type Asked = { host: VpsHost; identity: string | null };

/**
 * `words` is ssh's own text about the failed connection. It is '' if ssh printed nothing, and null
 * if there is no ssh. `shown` lists every key of the host, if none of them is the pinned key.
 */
export type NotOpened = { words: string | null; shown: ShownKey[] };
export type OwnClient = Connection & { close(): void };

const connectSeconds = 15;
const askMs = (connectSeconds + 5) * 1000;

/**
 * Opens a connection with ssh's own client. This client follows every directive of the ssh
 * configuration. It also knows certificates and algorithms that the ssh library does not know. Only
 * this client decides whether the host proves the pinned key. For this, it gets a known_hosts file
 * that contains only the pinned key.
 */
export async function openOwnClient(asked: Asked): Promise<OwnClient | NotOpened> {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-ssh-'));
  const forget = () => rm(directory, { recursive: true, force: true });
  try {
    const found = await findPinned(asked, directory);
    if ('shown' in found) {
      await forget();
      return found;
    }
    await writeFile(join(directory, 'known'), found.known);
    return await master(asked, { directory, algorithms: found.algorithms, forget });
  } catch (cause) {
    await forget();
    throw cause;
  }
}

/** The exit code of a shell if there is no such program. */
const noProgram = 127;

/** Settings that the configuration of a person must not change. */
const always = {
  BatchMode: 'yes',
  ConnectTimeout: String(connectSeconds),
  ControlPersist: 'no',
  ClearAllForwardings: 'yes',
  ForwardAgent: 'no',
  ForwardX11: 'no',
  LogLevel: 'ERROR',
  ServerAliveInterval: '5',
  ServerAliveCountMax: '3',
  CheckHostIP: 'no',
  StrictHostKeyChecking: 'yes',
  VerifyHostKeyDNS: 'no',
  UpdateHostKeys: 'no',
  NoHostAuthenticationForLocalhost: 'no',
  GlobalKnownHostsFile: '/dev/null',
};

type Settings = Record<string, string>;
const optionsOf = (settings: Settings) =>
  Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);

function argumentsOf({ host, identity }: Asked, settings: Settings): string[] {
  const port = host.port === 22 && !host.exactPort ? [] : ['-p', String(host.port)];
  const key = identity === null ? [] : ['-i', identity, '-o', 'IdentitiesOnly=yes'];
  const options = optionsOf({ ...settings, ...always });
  return ['-T', '-N', ...options, ...key, '-l', host.user, ...port, '--', host.host];
}

type Found = { known: string; algorithms: Settings };

/**
 * Asks the host for its keys, one kind after the other. Stops when the host shows the pinned key,
 * or a certificate that the pinned key signed. Nothing is sent to the host, because at this point
 * the client knows no key of the host.
 */
async function findPinned(asked: Asked, directory: string): Promise<Found | NotOpened> {
  const seen = join(directory, 'seen');
  const shown: ShownKey[] = [];
  for (;;) {
    await writeFile(seen, '');
    const algorithms = without(shown);
    const settings = {
      ControlPath: 'none',
      ControlMaster: 'no',
      UserKnownHostsFile: '/dev/null',
      KnownHostsCommand: `/bin/sh -c 'echo "$1" >>"$0"' "${seen}" %K`,
      ...algorithms,
    };
    const { code, output } = await runProcess(['ssh', ...argumentsOf(asked, settings)], {
      ...{ cwd: '/', env: childEnvironment(), timeoutMs: askMs },
    });
    const line = (await readFile(seen, 'utf8'))
      .split('\n')
      .findLast((text) => text.startsWith('AAAA'));
    if (code === noProgram) return { words: null, shown };
    if (line === undefined) return { words: lastLine(output), shown };
    const blob = Buffer.from(line, 'base64');
    const known = knownHosts(blob, asked.host.hostKey);
    if (known !== null) return { known, algorithms };
    const key = shownBy(blob);
    if (shown.some(({ kind }) => kind === key.kind)) return { words: lastLine(output), shown };
    shown.push(key);
  }
}

/**
 * Returns settings that leave out the kinds of keys that the host has already shown. An rsa key has
 * several names for its signatures.
 */
function without(shown: readonly ShownKey[]): Settings {
  const names = shown.flatMap(({ kind }) =>
    kind.startsWith('ssh-rsa') ? [kind, kind.replace('ssh-rsa', 'rsa-sha2-*')] : [kind],
  );
  return names.length === 0 ? {} : { HostKeyAlgorithms: `-${names.join(',')}` };
}

/**
 * Returns the line of known_hosts for the pinned key. Returns null if the host showed another key.
 */
function knownHosts(blob: Buffer, pinned: string): string | null {
  const { key, authority } = readCertificate(blob) ?? { key: blob, authority: null };
  const line = (it: Buffer) => `* ${kindOf(it)} ${it.toString('base64')}\n`;
  if (fingerprintOf(key) === pinned) return line(key);
  if (authority === null || fingerprintOf(authority) !== pinned) return null;
  return `@cert-authority ${line(authority)}`;
}

/**
 * Returns the facts about a key that the host showed. The fingerprint of a certificate is the
 * fingerprint of its key, as in the output of ssh-keygen -l.
 */
function shownBy(blob: Buffer): ShownKey {
  const certificate = readCertificate(blob);
  if (certificate === null) return shownKey(blob);
  const { key, authority } = certificate;
  return {
    kind: kindOf(blob),
    fingerprint: fingerprintOf(key),
    authority: fingerprintOf(authority),
  };
}

type Prepared = { directory: string; algorithms: Settings; forget(): Promise<void> };

/**
 * Starts the process that keeps the connection open. Every command is a further session of this
 * connection.
 */
async function master(asked: Asked, { directory, algorithms, forget }: Prepared) {
  const socket = join(directory, 's');
  const settings = {
    ControlPath: `"${socket}"`,
    ControlMaster: 'yes',
    UserKnownHostsFile: `"${join(directory, 'known')}"`,
    KnownHostsCommand: 'none',
    PermitLocalCommand: 'yes',
    LocalCommand: 'echo connected',
    ...algorithms,
  };
  const held = await startProcess('ssh', argumentsOf(asked, settings), { cwd: '/', graceMs: 1000 });
  let words = '';
  held.process.stderr?.on('data', (chunk: Buffer) => (words = `${words}${chunk}`.slice(-4000)));
  const gone = held.exited.catch(() => null);
  const connected = new Promise<true>((resolve) =>
    held.process.stdout?.on('data', () => resolve(true)),
  );
  const late = setTimeout(() => void held.stop(), askMs);
  const opened = await Promise.race([connected, gone]);
  clearTimeout(late);
  if (opened !== true) {
    await forget();
    return { words: lastLine(words), shown: [] };
  }
  const events = new EventEmitter();
  void gone.then(async () => {
    events.emit('close');
    await forget();
  });
  const exec: Connection['exec'] = (command, started) =>
    started(undefined, session(asked.host, socket, command));
  return Object.assign(events, { exec, close: () => void held.stop() });
}

/**
 * Starts a command over the open connection. If this connection is lost, the client must not open
 * another one, because the client would not know the pinned key any more. So the client gets a
 * proxy command that always fails.
 */
function session({ user, host }: VpsHost, socket: string, command: string): Channel {
  const settings = { ControlPath: `"${socket}"`, ControlMaster: 'no', ProxyCommand: '/bin/false' };
  const options = ['-F', '/dev/null', '-T', ...optionsOf({ ...settings, LogLevel: 'QUIET' })];
  const child = spawnChild('ssh', [...options, '-l', user, '--', host, command], {
    ...{ cwd: '/', env: childEnvironment() },
  });
  const channel = new EventEmitter();
  child.stdout.on('data', (chunk: Buffer) => channel.emit('data', chunk));
  child.stdin.on('error', () => {});
  child.once('error', () => {});
  child.once('close', (code) => {
    channel.emit('exit', code === lost ? null : code);
    channel.emit('close');
  });
  return Object.assign(channel, {
    stderr: child.stderr,
    end: (stdin: string) => child.stdin.end(stdin),
    close: () => void child.kill(),
  });
}

/** The exit code of ssh itself if the connection ended before the command. */
const lost = 255;

/**
 * Returns ssh's reason for refusing the certificate of the host. Without such a reason, returns
 * ssh's last line.
 */
const lastLine = (text: string) =>
  /^Certificate invalid: .*/m.exec(text)?.[0].trim() ?? logTail(text, 1)[0]?.trim() ?? '';
