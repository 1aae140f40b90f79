import type { VpsHost } from '../../../../domain/platforms/vps/target.ts';
import { dial } from './connect.ts';
import type { SshIdentity } from './connect.ts';
import type { Connection } from './connection.ts';

/**
 * One ssh connection. `holders` is the number of callers that use the connection now. `idle` is the
 * timer that closes an unused connection.
 */
export type Line = {
  key: string;
  client: Promise<Connection>;
  close(): void;
  holders: number;
  idle: NodeJS.Timeout | undefined;
};
export type Lines = ReturnType<typeof createLines>;

/**
 * Largest number of callers that share one connection. OpenSSH allows ten sessions on a connection
 * by default.
 */
const mostHolders = 8;

/** Callers share a connection only if the host, the pinned host key and the identity are equal. */
const keyOf = ({ name, user, host, port, hostKey }: VpsHost, { identity }: SshIdentity) =>
  JSON.stringify([name, user, host, port, hostKey, identity]);

/**
 * Keeps ssh connections open, so that several callers can share a connection. A caller must give
 * back each connection from `open` or `take` with `give`.
 */
export function createLines({ idleMs }: { idleMs: number }) {
  const lines = new Set<Line>();
  const discard = (line: Line) => {
    lines.delete(line);
    clearTimeout(line.idle);
    if (line.holders === 0) line.close();
  };
  const open = (host: VpsHost, identity: SshIdentity): Line => {
    const { ready: client, close } = dial(host, identity);
    const key = keyOf(host, identity);
    const line: Line = { key, client, close, holders: 1, idle: undefined };
    const gone = () => discard(line);
    client.then((it) => it.once('close', gone), gone);
    return line;
  };
  const share = (line: Line) => {
    lines.add(line);
    return line;
  };
  return {
    /**
     * Opens a new connection. Other callers can take it only after a call of `share`.
     */
    open,
    share,
    take(host: VpsHost, identity: SshIdentity): Line {
      const key = keyOf(host, identity);
      const free = (line: Line) => line.key === key && line.holders < mostHolders;
      const line = [...lines].find(free);
      if (!line) return share(open(host, identity));
      clearTimeout(line.idle);
      line.holders += 1;
      return line;
    },
    give(line: Line) {
      line.holders -= 1;
      if (line.holders > 0) return;
      if (lines.has(line)) line.idle = setTimeout(() => discard(line), idleMs).unref();
      else line.close();
    },
    /**
     * Removes the connection, so no new caller gets it. The connection closes when the last caller
     * has given it back.
     */
    discard,
    close() {
      for (const line of lines) {
        discard(line);
        line.close();
      }
    },
  };
}
