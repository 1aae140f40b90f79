import { setTimeout as sleep } from 'node:timers/promises';
import { deployId, messages } from '../domain/deploy/wire.ts';
import type { DeployStatus } from '../domain/deploy/plan.ts';
import type { Stack } from '../sandbox/fleet/stack.ts';

/**
 * Requests a deploy and waits until the deploy is in the phase `approval`. Returns the handle of
 * its workflow.
 */
export async function board(stack: Stack, project: string, ref = 'main') {
  const place = [project, 'production'];
  const how = ['--ref', ref, '--detach', '--reason', 'bench'];
  const requested = await stack.as('casey', 'deploy', ...place, ...how);
  if (requested.code !== 0) throw new Error(requested.stderr);
  const handle = stack.client.workflow.getHandle(deployId(project, 'production'));
  for (;;) {
    const now = await handle.query<DeployStatus>(messages.status).catch(() => null);
    if (now?.outcome)
      throw new Error(`The deploy of ${project} closed as ${now.outcome} before it was approved`);
    if (now?.phase === 'approval') return handle;
    await sleep(100);
  }
}

/**
 * Requests a deploy and approves the deploy at once, so that the bench does not measure the
 * thinking time of a person.
 */
export async function runDeploy(stack: Stack, project: string, ref = 'main') {
  const handle = await board(stack, project, ref);
  const approved = await stack.as('morgan', 'approve', project, 'production', '--yes');
  if (approved.code !== 0) throw new Error(approved.stderr);
  return handle;
}
