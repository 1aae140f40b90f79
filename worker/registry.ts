import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { isDeepStrictEqual } from 'node:util';
import { messages } from '../domain/deploy/wire.ts';
import type { RegistryMemo } from '../domain/deploy/wire.ts';
import type { Config } from '../domain/config/config.ts';

/**
 * Returns the memo in which clients find this worker. The memo contains its queue, its projects,
 * and their environments and branches.
 */
function registryMemo(config: Config, taskQueue: string): RegistryMemo {
  const projects = Object.fromEntries(
    Object.entries(config.projects).map(([name, project]) => [
      name,
      Object.keys(project.environments),
    ]),
  );
  const branches = Object.fromEntries(
    Object.entries(config.projects).map(([name, { branch }]) => [name, branch]),
  );
  return { taskQueue, projects, branches, sandbox: config.sandbox };
}

/**
 * Announces the worker in the registry of the namespace. The configuration of the newest worker
 * replaces the announced configuration. An equal configuration changes nothing. Returns a warning
 * if deploys are open on the earlier queue. A worker with the earlier configuration must run until
 * these deploys close.
 */
export async function announceWorker(client: Client, config: Config, taskQueue: string) {
  const memo = registryMemo(config, taskQueue);
  const before = await known(client);
  if (isDeepStrictEqual(before, memo)) return null;
  await client.workflow.start(messages.registry, {
    workflowId: messages.registryId,
    taskQueue,
    memo,
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    staticSummary:
      'tells clients the queue of the newest worker, as long as its configuration is in use',
  });
  return before && before.taskQueue !== taskQueue
    ? await leftBehind(client, before.taskQueue)
    : null;
}

async function known(client: Client): Promise<RegistryMemo | null> {
  try {
    const found = await client.workflow.getHandle(messages.registryId).describe();
    return found.status.name === 'RUNNING' ? (found.memo as RegistryMemo) : null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

async function leftBehind(client: Client, queue: string): Promise<string | null> {
  const query = `TaskQueue = "${queue}" AND ExecutionStatus = "Running" AND WorkflowType = "deploy"`;
  const open: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) open.push(workflowId);
  if (open.length === 0) return null;
  return (
    `Open deploys belong to the previous configuration: ${open.join(', ')}.\n` +
    `They stay on the queue ${queue}, which this worker does not poll.\n` +
    'Run a second worker with the previous configuration until they are closed.'
  );
}
