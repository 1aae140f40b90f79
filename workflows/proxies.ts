import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../domain/activities.ts';
import { finalFailures } from '../domain/failures.ts';
import { bounds } from '../domain/policy/bounds.ts';

const nonRetryableErrorTypes = [...finalFailures];
const retry = {
  initialInterval: '1 second',
  maximumInterval: '30 seconds',
  nonRetryableErrorTypes,
};

/** Reads and judgements: they change nothing, so they may be asked again at once. */
export const reading = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: bounds.reading,
  heartbeatTimeout: '15 seconds',
  retry: { ...retry, maximumAttempts: 5 },
});

/** A request for a slot that is held: whoever sent it is waiting for the answer. */
export const weighing = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '3 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { ...retry, maximumAttempts: 4 },
});

/** Gates read whole trees; closed after a few minutes without an answer. */
export const checking = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  scheduleToCloseTimeout: bounds.checking,
  heartbeatTimeout: '15 seconds',
  retry: { ...retry, maximumAttempts: 4 },
});

/** Forward effects. `prepare` may build; a worker that dies is noticed by its missing heartbeat. */
export const releasing = proxyActivities<Activities>({
  startToCloseTimeout: '65 minutes',
  scheduleToCloseTimeout: bounds.releasing,
  heartbeatTimeout: '10 seconds',
  retry: { ...retry, maximumAttempts: 5 },
});

/** The way back gets more patience than the way forward. */
export const restoring = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  scheduleToCloseTimeout: bounds.restoring,
  heartbeatTimeout: '10 seconds',
  retry: { ...retry, maximumInterval: '10 seconds', maximumAttempts: 8 },
});

/** Looks change nothing: a person's order need not wait for them. */
export const watching = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  scheduleToCloseTimeout: bounds.watching,
  heartbeatTimeout: '10 seconds',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { ...retry, maximumAttempts: 20 },
});

/** Beside the judgement: whoever goes back asks no more, and what a look under way still says is not heard. */
export const proving = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  scheduleToCloseTimeout: '2 hours',
  heartbeatTimeout: '10 seconds',
  cancellationType: ActivityCancellationType.ABANDON,
  retry: { ...retry, maximumAttempts: 20 },
});

/** A question that may not delay a restore: whoever does not answer in a moment is not heard. */
export const comparing = proxyActivities<Activities>({
  startToCloseTimeout: '3 seconds',
  scheduleToCloseTimeout: '5 seconds',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { ...retry, initialInterval: '100 milliseconds', maximumAttempts: 2 },
});

/** Words to people: advisory, given up soon. */
export const telling = proxyActivities<Activities>({
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: '2 minutes',
  retry: { ...retry, maximumInterval: '10 seconds' },
});

/** The dead man's message: one that comes late is replaced by the next. */
export const living = proxyActivities<Activities>({
  startToCloseTimeout: '20 seconds',
  scheduleToCloseTimeout: '1 minute',
  retry: { ...retry, maximumInterval: '10 seconds' },
});

/** A person must be woken, also after hours without a network; beside the saga. */
export const paging = proxyActivities<Activities>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '6 hours',
  retry: { ...retry, maximumInterval: '1 minute' },
});

/** Without its intent in the ledger nothing may reach production: stuck after a few minutes. */
export const intending = proxyActivities<Activities>({
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: '5 minutes',
  retry,
});

/** The memory: nothing waits for it on the way back, and it is not given up for a day. */
export const recording = proxyActivities<Activities>({
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: bounds.recording,
  retry,
});

/** The aftermath talks to GitHub and git: hours of outage are waited out. */
export const mending = proxyActivities<Activities>({
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: '24 hours',
  heartbeatTimeout: '20 seconds',
  retry: { ...retry, maximumInterval: '1 minute' },
});
