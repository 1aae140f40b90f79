import { expect } from 'vitest';
import type { ReconcileReport } from '../../domain/plan.ts';
import type { SentinelReport } from '../../domain/policy/sentinel.ts';
import type { PagerCall } from '../../sandbox/pager.ts';
import { environment, eventually } from './e2e.ts';
import type { Stack } from './e2e.ts';

/** Deploys that are terminated behind the back of everybody, and what `reconcile` makes of them. */
export function createTerminator(stack: Stack) {
  const pagesOf = (project: string): PagerCall[] =>
    stack.fleet.sandbox.pager.calls().filter(({ title }) => title.startsWith(`${project} `));
  return {
    pagesOf,
    terminate: (project: string) =>
      stack.handle(project).terminate('by hand in the Web UI, compensating nothing'),
    /** Nobody but the test reconciles: the schedule would, every five minutes of the clock. */
    async alone() {
      const found = await eventually('the schedule', async () => {
        for await (const { scheduleId } of stack.client.schedule.list())
          if (scheduleId.startsWith('reconcile/')) return scheduleId;
        return null;
      });
      await stack.client.schedule.getHandle(found).pause();
    },
    /** Every deploy that was found, with what became of it. */
    async reconcile(): Promise<string[]> {
      const { code, stdout } = await stack.cli(['reconcile', '--json']);
      expect(code).toBe(0);
      const { deploys } = JSON.parse(stdout) as ReconcileReport;
      return deploys.map(({ project, outcome }) => `${project} ${outcome}`).toSorted();
    },
    /** What the sentinel's schedule, triggered by hand, found of this project. */
    async guarded(project: string) {
      const handle = stack.client.schedule.getHandle('sentinel');
      const runs = async () =>
        (await handle.describe()).info.recentActions.map(({ action }) => action.workflow);
      const before = (await runs()).length;
      await handle.trigger();
      const run = await eventually('the sentinel looks', async () => (await runs())[before]);
      const { workflowId, firstExecutionRunId } = run;
      const look = stack.client.workflow.getHandle(workflowId, firstExecutionRunId);
      const { places } = (await look.result()) as SentinelReport;
      return places.find((place) => place.project === project);
    },
    /** One page, and the end that it names. */
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
  before: 'every host serves what was live before',
  takenBack: 'it was taken back, proven on every host',
};
