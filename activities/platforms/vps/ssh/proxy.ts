import { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment } from '../../../lib/child-environment.ts';
import { spawnChild } from '../../../lib/child.ts';
import { logTail } from '../../../lib/log-tail.ts';
import type { Proxy } from './client-config.ts';

export type ProxySocket = {
  socket: Duplex;
  /**
   * Closes the connection. Resolves to the last line that the command wrote to stderr, without
   * secrets, or to ''. Call it only after the connection failed.
   */
  lastWords(): Promise<string>;
};

/**
 * The longest wait for the last line of the command, in milliseconds. A command can write its
 * reason after the connection has failed.
 */
const lastWordsMs = 1000;

/**
 * Starts the command of a ProxyJump or ProxyCommand. Its stdin and stdout are the connection to the
 * host. The command ends when the socket is closed, and when the worker ends.
 */
export function openProxy({ argv: [command = '', ...args] }: Proxy): ProxySocket {
  const child = spawnChild(command, args, { env: childEnvironment() });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => (words = `${words}${chunk}`.slice(-4000)));
  const allWords = finished(child.stderr).catch(() => {});
  const socket = Duplex.from({ readable: child.stdout, writable: child.stdin });
  socket.on('error', () => {});
  socket.once('close', () => child.kill());
  child.once('error', (cause) => socket.destroy(cause));
  return {
    socket,
    async lastWords() {
      socket.destroy();
      await Promise.race([allWords, sleep(lastWordsMs, undefined, { ref: false })]);
      return logTail(words, 1)[0] ?? '';
    },
  };
}
