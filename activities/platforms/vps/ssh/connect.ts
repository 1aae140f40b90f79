import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { NodeSSH, type Config } from 'node-ssh';
import type { Client } from 'ssh2';
import { failures } from '../../../../domain/deploy/failures.ts';
import type { VpsHost } from '../../../../domain/platforms/vps/target.ts';
import { final } from '../../../lib/fail.ts';
import { hostKeyChanged, noConnection } from './failures.ts';

export type SshIdentity = {
  /** Path of the private key on the worker's machine; null = the ssh agent has the key. */
  identity: string | null;
};

const readyTimeout = 15_000;
const keepalive = { keepaliveInterval: 5000, keepaliveCountMax: 3 };

/** A connection that is being opened. `close` may be called at any time. */
export type Dialled = { ready: Promise<Client>; close(): void };

/**
 * Opens one connection to a host. The host must show the pinned host key. `ready` rejects with a
 * final failure of type 'rejectedByPlatform' if the host shows another host key or refuses our key.
 * `ready` rejects with a final failure of type 'misconfigured' if there is no usable key. `ready`
 * rejects with a transient failure if the host cannot be reached.
 */
export function dial(host: VpsHost, { identity }: SshIdentity): Dialled {
  const ssh = new NodeSSH();
  let closed = false;
  const opened = async () => {
    const known = await credentials(identity);
    if (closed) throw noConnection(host, new Error('closed'));
    return connect(ssh, host, known);
  };
  const close = () => {
    closed = true;
    ssh.dispose();
  };
  return { ready: opened(), close };
}

async function connect(ssh: NodeSSH, host: VpsHost, known: Partial<Config>): Promise<Client> {
  let seen: string | undefined;
  const config: Config = {
    host: host.host.replace(/^\[(.*)\]$/, '$1'),
    port: host.port,
    username: host.user,
    readyTimeout,
    ...keepalive,
    ...known,
    hostVerifier: (key: Buffer) => (seen = fingerprint(key)) === host.hostKey,
  };
  try {
    const connecting = ssh.connect(config);
    // Without this listener, a later error of the connection would end the whole worker process.
    ssh.connection?.on('error', () => {});
    await connecting;
    const client = ssh.connection;
    if (!client) throw new Error('closed');
    // Without this call, Nagle's algorithm would delay each of the many small packets by 40 ms.
    client.setNoDelay(true);
    return client;
  } catch (cause) {
    if (seen !== undefined && seen !== host.hostKey) throw hostKeyChanged(host, seen);
    throw noConnection(host, cause as Error & { level?: string });
  }
}

const fingerprint = (key: Buffer) =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

async function credentials(identity: string | null): Promise<Partial<Config>> {
  if (identity !== null) return { privateKey: await readIdentity(identity) };
  const agent = process.env.SSH_AUTH_SOCK;
  if (agent) return { agent };
  throw final(
    failures.misconfigured,
    'There is no ssh key. plimsoll.yaml sets no identity for the environment, and the worker has ' +
      'no ssh agent (SSH_AUTH_SOCK). Set identity: /path/to/key in plimsoll.yaml, or start the ' +
      'worker in a shell where ssh-add -l lists the key.',
  );
}

async function readIdentity(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw final(
      failures.misconfigured,
      `The ssh identity ${path} cannot be read (${cause.code}). ` +
        `Correct identity in plimsoll.yaml, or the permissions of the file: ls -l ${path}`,
    );
  });
  if (text.includes('PRIVATE KEY')) return text;
  throw final(
    failures.misconfigured,
    `The ssh identity ${path} is not a private key (is it the .pub file?). ` +
      `Check the file: ssh-keygen -y -f ${path}`,
  );
}
