import { NodeSSH, type Config } from 'node-ssh';
import type { Client } from 'ssh2';
import type { VpsHost } from '../../../../domain/platforms/vps/target.ts';
import { routeTo } from './client-config.ts';
import type { Route } from './client-config.ts';
import { credentials } from './credentials.ts';
import { hostKeyChanged, noConnection, noUsableHostKey } from './failures.ts';
import { algorithmsFor, remember, shownKey } from './host-keys.ts';
import type { ShownKey } from './host-keys.ts';
import { openProxy } from './proxy.ts';
import type { ProxySocket } from './proxy.ts';

export type SshIdentity = {
  /** Path of the private key on the worker's machine. null = the keys that the ssh client uses. */
  identity: string | null;
};

const readyTimeout = 15_000;
const keepalive = { keepaliveInterval: 5000, keepaliveCountMax: 3 };

/** A connection that is not open yet. `close` may be called at any time. */
export type Dialled = { ready: Promise<Client>; close(): void };

/**
 * Opens one connection to a host, with the settings of the ssh client. The host must show the
 * pinned host key. `ready` rejects with a final failure of type 'rejectedByPlatform' if the host
 * has another key or refuses our key. `ready` rejects with a final failure of type 'misconfigured'
 * if there is no usable key, or if Plimsoll does not support the ssh configuration. `ready` rejects
 * with a transient failure if the host cannot be reached.
 */
export function dial(host: VpsHost, { identity }: SshIdentity): Dialled {
  const tries = new Set<NodeSSH>();
  let closed = false;
  const mayGoOn = () => {
    if (closed) throw noConnection(host, new Error('closed'));
  };
  const opened = async () => {
    const route = await routeTo(host, identity);
    const known = await credentials({ host, identity, route });
    const shown: ShownKey[] = [];
    for (;;) {
      mayGoOn();
      const ssh = new NodeSSH();
      tries.add(ssh);
      const client = await connect(ssh, { host, route, known, shown });
      if (client) return client;
      ssh.dispose();
      tries.delete(ssh);
    }
  };
  const close = () => {
    closed = true;
    for (const ssh of tries) ssh.dispose();
  };
  return { ready: opened(), close };
}

type Attempt = { host: VpsHost; route: Route; known: Partial<Config>; shown: ShownKey[] };

/**
 * Connects once. If the host showed another key than the pinned key, adds this key to `shown` and
 * returns undefined. The host may have further keys, so the caller connects again.
 */
async function connect(ssh: NodeSSH, attempt: Attempt): Promise<Client | undefined> {
  const { host, route, known, shown } = attempt;
  const serverHostKey = algorithmsFor(host.hostKey, shown);
  if (serverHostKey.length === 0) throw hostKeyChanged(host, shown);
  let seen: ShownKey | undefined;
  let offered = '';
  const proxy = route.proxy && openProxy(route.proxy);
  const config = {
    ...wayOf(route, proxy),
    username: host.user,
    readyTimeout,
    ...keepalive,
    ...known,
    algorithms: { serverHostKey },
    hostVerifier: (key: Buffer) => (seen = shownKey(key)).fingerprint === host.hostKey,
    debug: (line: string) => {
      offered = /^Handshake: \(remote\) Host key format: (.*)/.exec(line)?.[1] ?? offered;
    },
  } as Config;
  try {
    const connecting = ssh.connect(config);
    // Without this listener, a later error of the connection would end the whole worker process.
    ssh.connection?.on('error', () => {});
    await connecting;
    const client = ssh.connection;
    if (!client) throw new Error('closed');
    // Without this call, Nagle's algorithm would delay each of the many small packets by 40 ms.
    client.setNoDelay(true);
    if (seen) remember(seen);
    return client;
  } catch (cause) {
    proxy?.socket.destroy();
    if (seen !== undefined && seen.fingerprint !== host.hostKey) {
      shown.push(seen);
      return undefined;
    }
    if (/no matching host key format/.test((cause as Error).message))
      throw shown.length > 0 ? hostKeyChanged(host, shown) : noUsableHostKey(host, offered);
    throw noConnection(host, cause as Error, route.proxy && proxyWords(route, proxy));
  }
}

const wayOf = (route: Route, proxy: ProxySocket | null) =>
  proxy
    ? { sock: proxy.socket }
    : {
        host: route.host,
        port: route.port,
        ...(route.family === null
          ? {}
          : { forceIPv4: route.family === 4, forceIPv6: route.family === 6 }),
        ...(route.localAddress === null ? {} : { localAddress: route.localAddress }),
      };

const proxyWords = (route: Route, proxy: ProxySocket | null) => ({
  shown: route.proxy?.shown ?? '',
  words: proxy?.lastWords() ?? '',
});
