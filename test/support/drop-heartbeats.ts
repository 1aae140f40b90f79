import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';

/** Skipped time would run out a heartbeat that real time keeps: only for the time-skipping server. */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      scheduleActivity: (input, next) => {
        const { heartbeatTimeout: _dropped, ...options } = input.options;
        return next({ ...input, options });
      },
    },
  ],
});
