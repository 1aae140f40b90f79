import type { Client } from 'ssh2';
import type { VpsHost } from '../domain/plan.ts';
import { dial } from './ssh-connect.ts';
import type { SshIdentity } from './ssh-connect.ts';

/** One connection, and who holds it now. */
export type Line = {
  key: string;
  client: Promise<Client>;
  close(): void;
  holders: number;
  idle: NodeJS.Timeout | undefined;
};
export type Lines = ReturnType<typeof createLines>;

/** OpenSSH's own default is ten sessions a connection. */
const mostHolders = 8;

/** The host as it is pinned, and as whom: nothing else is ever shared. */
const keyOf = ({ name, user, host, port, hostKey }: VpsHost, { identity }: SshIdentity) =>
  JSON.stringify([name, user, host, port, hostKey, identity]);

/** Open connections by host, pinned key and identity. Whoever takes one gives it back. */
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
    /** A new one that nobody else takes until it is shared. */
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
    /** Nobody takes it any more; closed once those who hold it have ended. */
    discard,
    close() {
      for (const line of lines) {
        discard(line);
        line.close();
      }
    },
  };
}
