import { NodeSSH, type Config } from 'node-ssh';
import type { Client } from 'ssh2';
import type { VpsHost } from '../../../../domain/platforms/vps/target.ts';
import { notSupported, routeTo } from './client-config.ts';
import type { Route } from './client-config.ts';
import type { Connection } from './connection.ts';
import { credentials, noKey } from './credentials.ts';
import {
  certificateRefused,
  hostKeyChanged,
  isUnreadableKey,
  keyRefused,
  noConnection,
  noUsableHostKey,
} from './failures.ts';
import { algorithmsFor, remember, shownKey } from './host-keys.ts';
import type { ShownKey } from './host-keys.ts';
import { openOwnClient } from './own-client.ts';
import type { NotOpened } from './own-client.ts';
import { openProxy } from './proxy.ts';
import type { ProxySocket } from './proxy.ts';

export type SshIdentity = {
  /**
   * The path of the private key on the worker's machine. null means the keys that the ssh client
   * uses.
   */
  identity: string | null;
};

const readyTimeout = 15_000;
const keepalive = { keepaliveInterval: 5000, keepaliveCountMax: 3 };

/** A connection that is being opened. `close` may be called at any time. */
export type Dialled = { ready: Promise<Connection>; close(): void };

/**
 * Makes the failure if ssh's own client fails too. The argument is the last line of its output.
 * null means that the worker's machine has no ssh.
 */
type Failed = (words: string | null) => Error;

/** A failure of the ssh library after which ssh's own client may succeed. */
class TryOwnClient extends Error {
  readonly failed: Failed;
  constructor(failed: Failed) {
    super();
    this.failed = failed;
  }
}

/**
 * Opens one connection to a host, in the same way as ssh's own client. The host must prove that it
 * has the pinned host key, or a certificate that the pinned key signed. The ssh library connects.
 * If the library lacks a feature, ssh's own client connects. `ready` rejects with one of these
 * failures. The failure is final with type 'rejectedByPlatform' if the host has no such key or
 * refuses the worker's key. It is final with type 'misconfigured' if there is no usable key, or if
 * the ssh configuration cannot be followed. It is transient if the host cannot be reached.
 */
export function dial(host: VpsHost, { identity }: SshIdentity): Dialled {
  const open = new Set<() => void>();
  let closed = false;
  const mayGoOn = () => {
    if (closed) throw noConnection(host, new Error('closed'));
  };
  const byLibrary = async (route: Route) => {
    const known = await credentials({ host, identity, route });
    if (known === null) throw new TryOwnClient(noKey);
    const attempt: Attempt = { host, route, known, shown: [], offered: '' };
    for (;;) {
      mayGoOn();
      const ssh = new NodeSSH();
      const close = () => ssh.dispose();
      open.add(close);
      const client = await connect(ssh, attempt);
      if (client) return client;
      close();
      open.delete(close);
    }
  };
  const byOwnClient = async (failed: Failed) => {
    mayGoOn();
    const client = await openOwnClient({ host, identity });
    if ('shown' in client) throw notOpened(host, client) ?? failed(client.words);
    open.add(client.close);
    if (closed) client.close();
    mayGoOn();
    return client;
  };
  const opened = async (): Promise<Connection> => {
    const route = await routeTo(host, identity);
    const { ownClient } = route;
    if (ownClient !== null) return byOwnClient(notFollowed(host, ownClient));
    try {
      return await byLibrary(route);
    } catch (cause) {
      if (!(cause instanceof TryOwnClient)) throw cause;
      return await byOwnClient(cause.failed);
    }
  };
  const close = () => {
    closed = true;
    for (const end of open) end();
  };
  return { ready: opened(), close };
}

function notOpened(host: VpsHost, { shown, words }: NotOpened): Error | undefined {
  if (shown.length > 0) return hostKeyChanged(host, shown);
  return words?.startsWith('Certificate invalid') ? certificateRefused(host, words) : undefined;
}

const notFollowed = (host: VpsHost, directive: string) =>
  orInWords(
    host,
    notSupported(host, directive, " without ssh's own client of OpenSSH 8.5 or newer"),
  );

/**
 * Makes the failure after ssh's own client failed too. `failure` is used if this client is missing,
 * is too old, or lacks the same feature as the library.
 */
const orInWords =
  (host: VpsHost, failure: Error): Failed =>
  (words) => {
    if (words === null || /Unable to negotiate|Bad configuration option/i.test(words))
      return failure;
    if (/Permission denied/.test(words)) return keyRefused(host);
    return noConnection(host, new Error(words || "ssh's own client gave no reason"));
  };

type Attempt = {
  host: VpsHost;
  route: Route;
  known: Partial<Config>;
  shown: ShownKey[];
  /** The kinds of host keys that the host offered. */
  offered: string;
};

/**
 * Connects once. If the host showed another key than the pinned key, adds this key to `shown` and
 * returns undefined. Then the caller connects again, because the host may have further keys.
 */
async function connect(ssh: NodeSSH, attempt: Attempt): Promise<Client | undefined> {
  const { host, route, known, shown } = attempt;
  const serverHostKey = algorithmsFor(host.hostKey, shown);
  if (serverHostKey.length === 0) throw noPinnedKey(attempt);
  let seen: ShownKey | undefined;
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
      attempt.offered =
        /^Handshake: \(remote\) Host key format: (.*)/.exec(line)?.[1] ?? attempt.offered;
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
    const proxyWords = await proxy?.lastWords();
    if (seen !== undefined && seen.fingerprint !== host.hostKey) {
      shown.push(seen);
      return undefined;
    }
    const { message, level } = cause as Error & { level?: string };
    if (/no matching host key format/.test(message)) throw noPinnedKey(attempt);
    const failure = noConnection(
      host,
      cause as Error,
      route.proxy && {
        shown: route.proxy.shown,
        words: proxyWords ?? '',
      },
    );
    const lacks = level === 'client-authentication' || /no matching /.test(message);
    if (lacks) throw new TryOwnClient(orInWords(host, failure));
    throw isUnreadableKey(message) ? new TryOwnClient(() => failure) : failure;
  }
}

/**
 * Makes the failure for a host that did not show the pinned key. The ssh library cannot check a
 * certificate, and cannot read every kind of key. In these cases, ssh's own client must connect.
 */
function noPinnedKey({ host, shown, offered }: Attempt): Error {
  const failure = shown.length > 0 ? hostKeyChanged(host, shown) : noUsableHostKey(host, offered);
  return shown.length === 0 || /-cert-v01@openssh\.com/.test(offered)
    ? new TryOwnClient(orInWords(host, failure))
    : failure;
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
