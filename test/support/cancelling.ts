import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';

export type Cancelling = {
  type: keyof typeof ActivityCancellationType;
  attempts: number;
  /** A task queue without a worker: there the activity is never started. */
  elsewhere?: string;
};
export const cancel = defineSignal('cancel');
export const finish = defineSignal('finish');

/**
 * Cancels an activity on the signal `cancel`, and ends on the signal `finish`. In between, the test
 * lets the activity end. Returns how the activity ended for the workflow.
 */
export async function cancelling({ type, attempts, elsewhere }: Cancelling): Promise<string> {
  const { act } = proxyActivities<{ act(): Promise<void> }>({
    startToCloseTimeout: '2 seconds',
    scheduleToCloseTimeout: '4 seconds',
    cancellationType: ActivityCancellationType[type],
    retry: { maximumAttempts: attempts, initialInterval: '100 milliseconds' },
    ...(elsewhere === undefined ? {} : { taskQueue: elsewhere }),
  });
  const received = { cancel: false, finish: false };
  setHandler(cancel, () => void (received.cancel = true));
  setHandler(finish, () => void (received.finish = true));
  const scope = new CancellationScope();
  const ended = scope.run(act).then(
    () => 'completed',
    (failure: unknown) => (isCancellation(failure) ? 'cancelled' : 'failed'),
  );
  await condition(() => received.cancel);
  scope.cancel();
  await condition(() => received.finish);
  return await ended;
}
