import { expect } from 'vitest';
import type { ReconcileReport } from '../../domain/deploy/plan.ts';
import type { DriftReport } from '../../domain/contract/activities.ts';
import type { PagerCall } from '../../sandbox/pager/pager.ts';
import { environment, eventually } from './e2e.ts';
import type { Stack } from './e2e.ts';

/** Functions that terminate deploys without Plimsoll, and that check the work of `reconcile`. */
export function createTerminator(stack: Stack) {
  const pagesOf = (project: string): PagerCall[] =>
    stack.fleet.sandbox.pager.calls().filter(({ title }) => title.startsWith(`${project} `));
  return {
    pagesOf,
    terminate: (project: string) =>
      stack.handle(project).terminate('by hand in the Web UI, compensating nothing'),
    /**
     * Pauses the schedule that starts `reconcile` every five minutes. After that, only the test
     * starts `reconcile`.
     */
    async alone() {
      const found = await eventually('the reconcile schedule exists', async () => {
        for await (const { scheduleId } of stack.client.schedule.list())
          if (scheduleId.startsWith('reconcile/')) return scheduleId;
        return null;
      });
      await stack.client.schedule.getHandle(found).pause();
    },
    /** Runs `plimsoll reconcile`. Returns each deploy that it found, with the outcome. */
    async reconcile(): Promise<string[]> {
      const { code, stdout } = await stack.cli(['reconcile', '--json']);
      expect(code).toBe(0);
      const { deploys } = JSON.parse(stdout) as ReconcileReport;
      return deploys.map(({ project, outcome }) => `${project} ${outcome}`).toSorted();
    },
    /** Triggers the drift schedule. Returns the part of the drift report about this project. */
    async guarded(project: string) {
      const handle = stack.client.schedule.getHandle('drift');
      const runs = async () =>
        (await handle.describe()).info.recentActions.map(({ action }) => action.workflow);
      const before = (await runs()).length;
      await handle.trigger();
      const run = await eventually(
        'the drift schedule starts a run',
        async () => (await runs())[before],
      );
      const { workflowId, firstExecutionRunId } = run;
      const look = stack.client.workflow.getHandle(workflowId, firstExecutionRunId);
      const { places } = (await look.result()) as DriftReport;
      return places.find((place) => place.project === project);
    },
    /** Expects exactly one page about the terminated deploy, and `end` in its title. */
    async expectPage(project: string, end: string) {
      const pages = await eventually(`a page about ${project}`, () => {
        const calls = pagesOf(project).filter(({ title }) => title.includes('terminated'));
        return calls.length > 0 ? calls : null;
      });
      const title = `${project} ${environment} was terminated: ${end}`;
      expect(pages.map((page) => page.title)).toEqual([title]);
    },
  };
}
export type Terminator = ReturnType<typeof createTerminator>;

export const ends = {
  before: 'every host serves the previous release',
  withdrawn: 'rolled back, proven on every host',
};
