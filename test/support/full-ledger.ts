import { join } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../../activities/index.ts';
import { openLedger } from '../../activities/ledger.ts';
import type { Ledger } from '../../activities/ledger.ts';
import { withSsh } from '../../activities/ssh.ts';
import { loadConfig } from '../../worker/config.ts';
import { workflowCode } from '../../worker/main.ts';
import { taskQueue } from '../../worker/queue.ts';
import type { Stack } from './e2e.ts';

/** A real SQLite file at its size limit: the engine itself refuses the next row. */
export async function fullLedger(path: string): Promise<Ledger> {
  const ledger = await openLedger({ path, maxPages: 24 });
  const place = { deployId: null, project: 'calm', environment: 'production' };
  for (let row = 0; row < 1000; row += 1) {
    const entry = { ...place, kind: 'adopted', key: `row-${row}`, body: { row } } as const;
    const written = await ledger.append(entry).catch(() => null);
    if (!written) return ledger;
  }
  throw new Error('the ledger never became full');
}

/** The worker as it is, with this ledger in the place of its own; no command sets a limit. */
export async function workWith({ stack, ledger }: { stack: Stack; ledger: Ledger }) {
  const config = await loadConfig(stack.fleet.configPath);
  const activities = createActivities({
    config,
    ledger,
    secret: (ref) => stack.fleet.env[ref.slice('env:'.length)] ?? '',
    workspace: join(stack.directory, 'workspace'),
    ssh: withSsh,
    remoteEndpoints: [],
  });
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const connection = await NativeConnection.connect({ address: stack.address });
  const code = await workflowCode();
  const options = { connection, taskQueue: taskQueue(config), activities, ...code };
  const worker = await Worker.create(options);
  const running = worker.run();
  return {
    async end() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}
