import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { freePort } from '../../worker/engine/free-port.ts';

/** `create` is private in the types of the SDK, but only it connects to a server that already runs. */
type Maker = {
  create(options: {
    server: { type: 'existing' };
    address: string;
    namespace: string;
    supportsTimeSkipping: true;
  }): Promise<TestWorkflowEnvironment>;
};

const longestStartMs = 110_000;

/**
 * Starts the test server and connects to it. `createTimeSkipping` of the SDK waits only 5 s for the
 * server, and on a busy machine its JVM needs longer. The server ends with `teardown` of the
 * environment, or with this process.
 */
export async function startTimeSkipping(executable: string): Promise<TestWorkflowEnvironment> {
  const port = await freePort();
  const server = spawn(executable, [String(port)], { stdio: 'ignore' });
  const end = () => server.kill('SIGKILL');
  process.on('exit', end);
  // Vitest ends a process of tests with this signal, and without a listener there is no exit event.
  process.on('SIGTERM', () => process.exit());
  try {
    const ended = once(server, 'exit').then(([code]) => {
      throw new Error(`the test server ended with ${String(code)} before it listened`);
    });
    await Promise.race([ended, listening(port)]);
    ended.catch(() => {});
    const env = await (TestWorkflowEnvironment as unknown as Maker).create({
      server: { type: 'existing' },
      address: `127.0.0.1:${port}`,
      namespace: 'default',
      supportsTimeSkipping: true,
    });
    const teardown = env.teardown.bind(env);
    return Object.assign(env, { teardown: () => teardown().finally(end) });
  } catch (cause) {
    end();
    throw cause;
  }
}

async function listening(port: number): Promise<void> {
  const until = Date.now() + longestStartMs;
  while (!(await connects(port))) {
    if (Date.now() > until) throw new Error(`nothing listens on port ${port} of the test server`);
    await delay(50);
  }
}

const connects = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
