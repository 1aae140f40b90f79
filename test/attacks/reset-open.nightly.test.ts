import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeployReport } from '../../domain/deploy/plan.ts';
import { deployId } from '../../domain/deploy/wire.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, eventually, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { thereAndBack } from '../support/witness.ts';

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
/** The name of each project, and the share of its workflow tasks that the reset keeps. */
const resets = { start: 0, middle: 0.5, end: 1 };
const names = Object.keys(resets) as (keyof typeof resets)[];
const fleetProjects: ProjectSpec[] = names.map((name) => ({ ...good, name, hosts: 1 }));

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ fleetProjects });
  await Promise.all(names.map((name) => stack.deploy(name)));
  await Promise.all(names.map((name) => stack.reached(name, 'approval')));
  for (const name of names) await stack.approve(name);
  await Promise.all(names.map((name) => stack.reached(name, 'watch')));
}, 300_000);
afterAll(() => stack?.close());

async function reset(name: string, share: number) {
  const { runId } = await stack.handle(name).describe();
  const workflowExecution = { workflowId: deployId(name, environment), runId };
  const { events } = await stack.client.workflow
    .getHandle(workflowExecution.workflowId, runId)
    .fetchHistory();
  const points = (events ?? []).flatMap(({ eventId, workflowTaskCompletedEventAttributes: done }) =>
    done && eventId ? [eventId] : [],
  );
  const point = points[Math.floor((points.length - 1) * share)];
  if (!point) throw new Error(`${name} has completed no workflow task.`);
  await stack.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution,
    reason: 'a person resets',
    requestId: `reset-${name}`,
    workflowTaskFinishEventId: point,
  });
}

test('a reset of an open deploy rolls back what had happened, at any event', async () => {
  for (const name of names) await reset(name, resets[name]);
  for (const name of names) {
    const report = await eventually(`the recovery of ${name} has ended`, async () => {
      // A run that a reset started at the first event has no plan, so `reconcile` finds the deploy.
      await stack.cli(['reconcile', '--project', name]);
      const end = await stack
        .handle(name)
        .result()
        .catch(() => null);
      return end as DeployReport | null;
    });
    expect([name, report.outcome]).toEqual([name, 'rolled-back']);
    expect(await stack.truthOf(name)).toMatchObject({ served: ['old old old'] });
    expect(await stack.effectsOf(name)).toMatchObject(thereAndBack([`${name}-1`], false));
  }
});
