import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { isDeepStrictEqual } from 'node:util';
import { messages } from '../domain/messages.ts';
import type { RegistryMemo } from '../domain/messages.ts';
import type { Config } from '../domain/schema.ts';

/** What clients read to find this worker: its queue, and which projects and environments it knows. */
export function registryMemo(config: Config, taskQueue: string): RegistryMemo {
  const projects = Object.fromEntries(
    Object.entries(config.projects).map(([name, project]) => [
      name,
      Object.keys(project.environments),
    ]),
  );
  return { taskQueue, projects, sandbox: config.sandbox };
}

/** One registry per namespace: the newest configuration wins, an equal one is left alone. */
export async function announceWorker(client: Client, config: Config, taskQueue: string) {
  const memo = registryMemo(config, taskQueue);
  if (isDeepStrictEqual(await known(client), memo)) return;
  await client.workflow.start(messages.registry, {
    workflowId: messages.registryId,
    taskQueue,
    memo,
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    staticSummary: 'where clients find the worker: open as long as its configuration holds',
  });
}

async function known(client: Client): Promise<unknown> {
  try {
    const found = await client.workflow.getHandle(messages.registryId).describe();
    return found.status.name === 'RUNNING' ? found.memo : null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
