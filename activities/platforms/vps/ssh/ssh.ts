import type { VpsHost } from '../../../../domain/platforms/vps/target.ts';
import { orAborted } from '../../../lib/or-aborted.ts';
import type { SshIdentity } from './connect.ts';
import type { Channel } from './connection.ts';
import { createLines } from './lines.ts';
import type { Line, Lines } from './lines.ts';
import { commandLine, converse, openChannel } from './remote.ts';
import type { Remote } from './remote.ts';

/**
 * Connects to the host, then runs `work`. If `signal` fires, closes the channel of the running
 * command and throws the signal's reason. Throws a final failure of type 'rejectedByPlatform' if
 * the host shows another host key or refuses our key. Throws a final failure of type
 * 'misconfigured' if there is no usable key. Throws a transient failure if the host cannot be
 * reached.
 */
export type WithSsh = <T>(
  host: VpsHost,
  identity: SshIdentity,
  options: { signal: AbortSignal | undefined },
  work: (remote: Remote) => Promise<T>,
) => Promise<T>;
export type SshPool = { withSsh: WithSsh; close(): void };

/**
 * Both values are in milliseconds. An unused connection stays open for `idleMs`. If a shared
 * connection does not answer within `answersMs`, the pool opens a new connection.
 */
export type PoolOptions = { idleMs?: number; answersMs?: number };

/**
 * Makes a pool of ssh connections. Commands to the same host share connections. A command that was
 * stopped before its end may still run on the host. So the pool does not use its connection again.
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

/** Opens a new connection, runs `work`, and always closes the connection at the end. */
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
  async run(script, args, { timeoutMs, access, changes, step = 'read' }) {
    const { lines, host, signal } = caller;
    const { line, channel } = await begin(caller, commandLine(step, args, timeoutMs));
    try {
      return await converse(channel, script, {
        ...{ name: host.name, step, timeoutMs, access, changes, signal },
      });
    } catch (cause) {
      lines.discard(line);
      channel.close();
      throw cause;
    } finally {
      lines.give(line);
    }
  },
});

type Begun = { line: Line; channel: Channel };

/**
 * Starts a command on a shared connection. If this connection does not accept the command, tries a
 * new connection once. The second try is safe, because the host has not received a script yet.
 */
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

/**
 * Waits until the connection is open. If the connection cannot be opened, removes it from the pool
 * and throws the reason.
 */
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
  const timeLimit = ask.withinMs === undefined ? undefined : AbortSignal.timeout(ask.withinMs);
  const ended = AbortSignal.any([signal, timeLimit].filter((it) => it !== undefined));
  const opening = openChannel(await line.client, host.name, ask.command);
  try {
    return { line, channel: await orAborted(opening, ended) };
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
