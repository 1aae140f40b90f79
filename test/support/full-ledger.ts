import { join } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../../activities/index.ts';
import { openLedger } from '../../activities/ledger/ledger.ts';
import type { Ledger } from '../../activities/ledger/types.ts';
import { loadConfig } from '../../worker/config/config.ts';
import { workflowCode } from '../../worker/main.ts';
import { taskQueue } from '../../worker/queue.ts';
import type { Stack } from './e2e.ts';
import { freshSeals } from './seals.ts';

/** Fills a real SQLite ledger to its size limit. Then SQLite itself refuses the next row. */
export async function fullLedger(path: string): Promise<Ledger> {
  const ledger = await openLedger({ path, maxPages: 24 });
  const place = { deployId: null, project: 'calm', environment: 'production' };
  for (let row = 0; row < 1000; row += 1) {
    const entry = { ...place, kind: 'adopted', key: `row-${row}`, body: { row } } as const;
    const written = await ledger.append(entry).catch(() => null);
    if (!written) return ledger;
  }
  throw new Error('the ledger accepted 1000 rows and is still not full');
}

/**
 * Runs a real worker with `ledger`. The test passes this ledger in, because no command can limit
 * the size of a ledger.
 */
export async function workWith({ stack, ledger }: { stack: Stack; ledger: Ledger }) {
  const config = await loadConfig(stack.fleet.configPath);
  const { activities, close } = createActivities({
    config,
    ledger,
    secret: (ref) => stack.fleet.env[ref.slice('env:'.length)] ?? '',
    seals: freshSeals(),
    workspace: join(stack.directory, 'workspace'),
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
      close();
      await connection.close();
    },
  };
}
