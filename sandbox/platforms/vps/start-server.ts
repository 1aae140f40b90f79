import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import ssh2 from 'ssh2';
import type { Exit, Session } from './command.ts';
import { freePort } from '../../../worker/engine/free-port.ts';
import type { HostKeys } from './keys.ts';
import { startSsh2 } from './ssh2-server.ts';
import { sshdPresent, startSshd, type SshServer } from './sshd.ts';

export type ServerOptions = {
  root: string;
  keys: HostKeys;
  forceCommand: string;
  command(command: string, session: Session): Promise<Exit>;
  server: 'sshd' | 'ssh2' | undefined;
};

export type StartedServer = SshServer & { kind: 'sshd' | 'ssh2'; port: number };

/**
 * Starts the SSH server of a host. An installed sshd can still refuse this user, for example if the
 * account is locked. In that case, starts a server with the library ssh2 instead. If the options
 * require sshd, throws the error.
 */
export async function startServer(options: ServerOptions): Promise<StartedServer> {
  if (options.server !== 'ssh2' && (options.server === 'sshd' || sshdPresent())) {
    try {
      return await openSsh(options);
    } catch (cause) {
      if (options.server === 'sshd') throw cause;
    }
  }
  const port = await freePort();
  const { hostKey, clientPublicKey } = options.keys;
  const server = await startSsh2({ port, hostKey, clientPublicKey, command: options.command });
  return { ...server, kind: 'ssh2', port };
}

async function openSsh(options: ServerOptions): Promise<StartedServer> {
  const port = await freePort();
  const { root, forceCommand } = options;
  const server = await startSshd({ root, port, forceCommand });
  try {
    await login(port, options.keys.clientKeyPath);
  } catch (cause) {
    await server.stop();
    throw cause;
  }
  return { ...server, kind: 'sshd', port };
}

const login = (port: number, key: string) =>
  new Promise<void>((resolve, reject) => {
    const client = new ssh2.Client();
    client.once('error', reject).once('ready', () => {
      client.end();
      resolve();
    });
    const username = userInfo().username;
    const privateKey = readFileSync(key, 'utf8');
    client.connect({ host: '127.0.0.1', port, username, privateKey, readyTimeout: 5000 });
  });
