import { setTimeout as sleep } from 'node:timers/promises';
import { deployId, messages } from '../domain/messages.ts';
import type { DeployStatus } from '../domain/plan.ts';
import type { Stack } from '../sandbox/stack.ts';

/** Requested, and waiting for its approval. */
export async function board(stack: Stack, project: string, ref = 'main') {
  const place = [project, 'production'];
  const how = ['--ref', ref, '--detach', '--reason', 'bench'];
  const requested = await stack.as('casey', 'deploy', ...place, ...how);
  if (requested.code !== 0) throw new Error(requested.stderr);
  const handle = stack.client.workflow.getHandle(deployId(project, 'production'));
  for (;;) {
    const now = await handle.query<DeployStatus>(messages.status).catch(() => null);
    if (now?.outcome) throw new Error(`${project} closed as ${now.outcome} before its approval`);
    if (now?.phase === 'approval') return handle;
    await sleep(100);
  }
}

/** Approved as well; the person's time is not the deploy's. */
export async function sail(stack: Stack, project: string, ref = 'main') {
  const handle = await board(stack, project, ref);
  const approved = await stack.as('morgan', 'approve', project, 'production');
  if (approved.code !== 0) throw new Error(approved.stderr);
  return handle;
}
