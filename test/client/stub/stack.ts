import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  bundleWorkflowCode,
} from '@temporalio/worker';
import { sealDigest } from '../../../activities/lib/seal-digest.ts';
import type { Io } from '../../../client/io.ts';
import { messages } from '../../../domain/deploy/wire.ts';
import type { SealedPlan } from '../../../domain/deploy/plan.ts';
import { startDevServer } from '../../../worker/engine/dev-server.ts';
import { recordedIo } from '../../support/io.ts';
import { vi } from 'vitest';

const taskQueue = 'plimsoll-stub';
// Tests send SIGINT to the command. The worker in this process must ignore the signal.
Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('WARN') });

/**
 * Starts a real Temporal server and makes an SSH key. The returned function `work` starts a worker
 * with the stub workflows instead of the real workflows.
 */
export async function startStack(binary: string) {
  const server = await startDevServer({ binary });
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-cli-'));
  const key = join(directory, 'id_ed25519');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const connection = await Connection.connect({ address: server.address });
  const native = await NativeConnection.connect({ address: server.address });
  const client = new Client({ connection });
  const workflowsPath = fileURLToPath(new URL('workflows.ts', import.meta.url));
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath,
    logger: new DefaultLogger('WARN'),
  });
  const isPolled = async () => {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace: 'default',
      taskQueue: { name: taskQueue },
      taskQueueType: 1,
    });
    return pollers.length > 0;
  };
  const sealPlan = async ({ plan, gates }: SealedPlan) => ({
    ...{ plan, gates },
    digest: sealDigest(plan, gates),
  });
  const env = { TEMPORAL_ADDRESS: server.address, PLIMSOLL_AS: 'bob', PLIMSOLL_KEY: key };
  return {
    client,
    key,
    env,
    io: (changes: Partial<Io> & { answers?: string[] } = {}) => recordedIo({ env, ...changes }),
    announce: (memo: object) =>
      client.workflow.start(messages.registry, {
        taskQueue,
        workflowId: messages.registryId,
        memo: { taskQueue, sandbox: false, ...memo },
        workflowIdConflictPolicy: 'TERMINATE_EXISTING',
      }),
    async work() {
      const options = { connection: native, taskQueue, workflowBundle, activities: { sealPlan } };
      const worker = await Worker.create({ ...options, shutdownGraceTime: 100 });
      const run = worker.run();
      await vi.waitUntil(isPolled, { timeout: 30_000 });
      return async () => {
        worker.shutdown();
        await run;
      };
    },
    async stop() {
      await connection.close();
      await native.close();
      await server.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

export type Stack = Awaited<ReturnType<typeof startStack>>;
