import type { ClientChannel } from 'ssh2';
import type { VpsHost } from '../domain/plan.ts';
import { orAborted } from './lib/or-aborted.ts';
import type { SshIdentity } from './ssh-connect.ts';
import { createLines } from './ssh-lines.ts';
import type { Line, Lines } from './ssh-lines.ts';
import { commandLine, converse, openChannel } from './ssh-remote.ts';
import type { Remote } from './ssh-remote.ts';

/**
 * Connects, then `work`. A cancelled `signal` cuts off the command under way, and its reason is
 * thrown.
 * Final: RejectedByPlatform (another host key, our key refused), Misconfigured (identity).
 * Transient: Unavailable (unreachable).
 */
export type WithSsh = <T>(
  host: VpsHost,
  identity: SshIdentity,
  options: { signal: AbortSignal | undefined },
  work: (remote: Remote) => Promise<T>,
) => Promise<T>;
export type SshPool = { withSsh: WithSsh; close(): void };

/**
 * `idleMs`: how long a connection that nobody uses stays open. `answersMs`: it may be dead without
 * knowing it, so who waited this long for its answer opens another.
 */
export type PoolOptions = { idleMs?: number; answersMs?: number };

/**
 * Commands to one host share connections. One on which a command was cut off, so that it may still
 * run there, is never used again.
 */
export function createSshPool({ idleMs = 20_000, answersMs = 5000 }: PoolOptions = {}): SshPool {
  const lines = createLines({ idleMs });
  return {
    async withSsh(host, identity, { signal }, work) {
      const caller = { lines, host, identity, signal, answersMs };
      try {
        signal?.throwIfAborted();
        await connected(caller);
        return await work(remoteOf(caller));
      } catch (cause) {
        signal?.throwIfAborted();
        throw cause;
      }
    },
    close: () => lines.close(),
  };
}

/** Over a connection of its own, closed at the end, whatever happens. */
export const withSsh: WithSsh = async (...args) => {
  const pool = createSshPool();
  try {
    return await pool.withSsh(...args);
  } finally {
    pool.close();
  }
};

type Caller = {
  lines: Lines;
  host: VpsHost;
  identity: SshIdentity;
  signal: AbortSignal | undefined;
  answersMs: number;
};

async function connected(caller: Caller) {
  const line = caller.lines.take(caller.host, caller.identity);
  await reached(caller, line);
  caller.lines.give(line);
}

const remoteOf = (caller: Caller): Remote => ({
  name: caller.host.name,
  async run(script, args, { timeoutMs, step = 'read' }) {
    const { lines, host, signal } = caller;
    const { line, channel } = await begin(caller, commandLine(step, args, timeoutMs));
    try {
      return await converse(channel, script, { name: host.name, step, timeoutMs, signal });
    } catch (cause) {
      lines.discard(line);
      channel.close();
      throw cause;
    } finally {
      lines.give(line);
    }
  },
});

type Begun = { line: Line; channel: ClientChannel };

/** Nothing was sent yet: a connection that takes no command is replaced by a new one, once. */
async function begin(caller: Caller, command: string): Promise<Begun> {
  const { lines, host, identity, signal, answersMs } = caller;
  const line = lines.take(host, identity);
  await reached(caller, line);
  try {
    return await opened(caller, line, { command, withinMs: answersMs });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    const own = lines.open(host, identity);
    await reached(caller, own);
    const begun = await opened(caller, own, { command });
    lines.share(own);
    return begun;
  }
}

/** A line that is not reached, or takes no command, is given back. */
async function reached({ lines, signal }: Caller, line: Line) {
  try {
    await orAborted(line.client, signal);
  } catch (cause) {
    lines.discard(line);
    lines.give(line);
    throw cause;
  }
}

type Ask = { command: string; withinMs?: number };

async function opened({ lines, host, signal }: Caller, line: Line, ask: Ask): Promise<Begun> {
  const patience = ask.withinMs === undefined ? undefined : AbortSignal.timeout(ask.withinMs);
  const heard = AbortSignal.any([signal, patience].filter((it) => it !== undefined));
  const opening = openChannel(await line.client, host.name, ask.command);
  try {
    return { line, channel: await orAborted(opening, heard) };
  } catch (cause) {
    opening.then(
      (late) => late.close(),
      () => {},
    );
    lines.discard(line);
    lines.give(line);
    throw cause;
  }
}
