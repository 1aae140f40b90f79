import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { activitySummary } from '../domain/policy/summaries.ts';

/** One line on every activity and timer of the Web UI's timeline. */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      scheduleActivity: (input, next) => {
        const summary = activitySummary(input.activityType, input.args[0]);
        return next({ ...input, options: { ...input.options, summary } });
      },
      startTimer: (input, next) => {
        const summary =
          input.options?.summary ?? 'waiting for people, at the longest until this rings';
        return next({ ...input, options: { ...input.options, summary } });
      },
    },
  ],
});
