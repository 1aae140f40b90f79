import { timingSafeEqual } from 'node:crypto';
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerChannel } from 'ssh2';
import type { Exit, Session } from './command.ts';
import type { SshServer } from './sshd.ts';

export type Ssh2Options = {
  port: number;
  hostKey: string;
  clientPublicKey: string;
  command(command: string, session: Session): Promise<Exit>;
};

/**
 * Starts an SSH server with the library ssh2, for machines without OpenSSH. Commands run in the
 * same way as with OpenSSH.
 */
export async function startSsh2(options: Ssh2Options): Promise<SshServer> {
  const allowed = ssh2.utils.parseKey(options.clientPublicKey);
  if (allowed instanceof Error) throw allowed;
  const clients = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [options.hostKey] }, (client) => {
    clients.add(client);
    // The server side has the method setNoDelay, but its types do not list it.
    (client as Connection & { setNoDelay(on: boolean): void }).setNoDelay(true);
    client.on('close', () => clients.delete(client)).on('error', () => {});
    client.on('authentication', (context) => authenticate(context, allowed));
    client.on('session', (accept) => {
      const session = accept();
      session.on('exec', (take, _refuse, { command }) => {
        void serve(options, command, take(), client);
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, '127.0.0.1', () => resolve());
  });
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const client of clients) client.end();
      }),
  };
}

function authenticate(context: AuthContext, allowed: ParsedKey) {
  const pem = allowed.getPublicSSH();
  if (context.method !== 'publickey' || !same(context.key.data, pem))
    return context.reject(['publickey']);
  const { blob, signature, hashAlgo } = context;
  if (signature && (!blob || allowed.verify(blob, signature, hashAlgo) !== true)) {
    return context.reject(['publickey']);
  }
  return context.accept();
}

const same = (a: Buffer, b: Buffer) => a.length === b.length && timingSafeEqual(a, b);

async function serve(
  options: Ssh2Options,
  command: string,
  channel: ServerChannel,
  client: Connection,
) {
  channel.on('error', () => {});
  const code = await options.command(command, {
    stdin: channel,
    stdout: (chunk) => void channel.write(chunk),
    stderr: (chunk) => void channel.stderr.write(chunk),
    drop: () => void client.end(),
  });
  if (code === null) return;
  channel.exit(code);
  channel.end();
}
