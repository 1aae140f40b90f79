import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';

/**
 * Removes the heartbeat time-out of every activity. Use it only with the time-skipping server,
 * because that server skips past the time-out before the activity can send a heartbeat.
 */
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
