import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { registerSearchAttributes } from '../search-attributes.ts';

const timeLimitMs = 30_000;

/**
 * Waits until the server answers for the namespace `default`, and registers missing search
 * attributes. Rejects with a reason without a full stop, because the reason becomes part of a
 * sentence.
 */
export async function untilReady(address: string, exited: Promise<number | null>): Promise<void> {
  let over: string | undefined;
  void exited.then((code) => (over = `it ended with exit code ${code ?? 'none'}`));
  const deadline = Date.now() + timeLimitMs;
  let last = '';
  while (over === undefined && Date.now() < deadline) {
    try {
      return await ask(address);
    } catch (cause) {
      last = (cause as Error).message;
      await sleep(50);
    }
  }
  throw new Error(over ?? `no answer within ${timeLimitMs / 1000} s (${last})`);
}

async function ask(address: string): Promise<void> {
  await listening(address);
  const connection = await Connection.connect({ address, connectTimeout: 1000 });
  try {
    await connection.withDeadline(Date.now() + 5000, async () => {
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      await registerSearchAttributes(new Client({ connection }), 'default');
    });
  } finally {
    await connection.close();
  }
}

/**
 * Opens a TCP connection, and rejects if the server does not accept it. After a refused connection,
 * gRPC would wait a second. A TCP connection can be tried again at once.
 */
async function listening(address: string): Promise<void> {
  const [host = '', port] = address.split(':');
  const socket = connect({ host, port: Number(port), timeout: 1000 });
  socket.once('timeout', () => socket.destroy(new Error('timed out')));
  await once(socket, 'connect').finally(() => socket.destroy());
}
