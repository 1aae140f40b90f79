import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { activitySummary, timerSummary } from '../domain/messages/summaries.ts';

/** Adds one line to every activity and timer in the Web UI's timeline. */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      scheduleActivity: (input, next) => {
        const summary = activitySummary(input.activityType, input.args[0]);
        return next({ ...input, options: { ...input.options, summary } });
      },
      startTimer: (input, next) => {
        const summary = input.options?.summary ?? timerSummary;
        return next({ ...input, options: { ...input.options, summary } });
      },
    },
  ],
});
