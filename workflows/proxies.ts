import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { PlainActivities } from '../domain/contract/activities.ts';
import { finalFailures } from '../domain/deploy/failures.ts';
import type { Timing } from '../domain/deploy/plan.ts';
import { usualStartUpMs } from '../domain/deploy/timing.ts';
import { bounds } from '../domain/deploy/bounds.ts';

const nonRetryableErrorTypes = [...finalFailures];
const retry = {
  initialInterval: '1 second',
  maximumInterval: '30 seconds',
  nonRetryableErrorTypes,
};

/**
 * Activities that read or judge. They change nothing in production, so Temporal may repeat them at
 * once.
 */
export const reading = proxyActivities<PlainActivities>({
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: bounds.reading,
  heartbeatTimeout: '15 seconds',
  retry: { ...retry, maximumAttempts: 5 },
});

/**
 * Short activities that read or judge, such as the judgement of a request for a held lock. The
 * sender of the request waits for the answer.
 */
export const weighing = proxyActivities<PlainActivities>({
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '3 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { ...retry, maximumAttempts: 4 },
});

/**
 * Activities that check gates. They read whole trees. If a check gives no answer within 20 minutes,
 * its gate is closed.
 */
export const checking = proxyActivities<PlainActivities>({
  startToCloseTimeout: '10 minutes',
  scheduleToCloseTimeout: bounds.checking,
  heartbeatTimeout: '15 seconds',
  retry: { ...retry, maximumAttempts: 4 },
});

/** The time for one attempt of a forward effect, in milliseconds. A build may take an hour. */
const buildMs = 65 * 60_000;
/**
 * The time in milliseconds for the work of a forward effect that does not run commands of the
 * configuration.
 */
const besideMs = 5 * 60_000;

const releaseOptions = {
  startToCloseTimeout: buildMs,
  scheduleToCloseTimeout: bounds.releasing,
  heartbeatTimeout: '10 seconds',
  retry: { ...retry, maximumAttempts: 5 },
} as const;

/** Activities for forward effects. A missing heartbeat shows that the worker has stopped. */
export const releasing = proxyActivities<PlainActivities>(releaseOptions);

/** Activities for forward effects that run commands of the configuration for at most `workMs`. */
export const releasingWithin = (workMs: number) =>
  proxyActivities<PlainActivities>({
    ...releaseOptions,
    startToCloseTimeout: Math.max(buildMs, besideMs + workMs),
  });

/** The time limit of one attempt of a rollback or a proof. It includes the usual start-up time. */
const attemptMs = 10 * 60_000;

/**
 * Returns the time limit of one attempt, in milliseconds. The service may need `startUpMs` to
 * start. This time counts twice, because the deploy waits until the restart ends, and then until
 * the service is healthy.
 */
const attemptOf = ({ startUpMs }: Timing, workMs = 0) =>
  attemptMs + 2 * Math.max(0, startUpMs - usualStartUpMs) + workMs;

/**
 * Activities for rollback steps. They are retried for longer than forward steps. `workMs` is the
 * time for configured commands that run in the rollback.
 */
export const rollingBackWithin = (timing: Timing, workMs = 0) =>
  proxyActivities<PlainActivities>({
    ...rollbackOptions,
    startToCloseTimeout: attemptOf(timing, workMs),
  });

const rollbackOptions = {
  scheduleToCloseTimeout: bounds.rollingBack,
  heartbeatTimeout: '10 seconds',
  retry: { ...retry, maximumInterval: '10 seconds', maximumAttempts: 8 },
} as const;

/** Activities that read in a rollback. They do not wait for the start of a service. */
export const rollingBack = proxyActivities<PlainActivities>({
  ...rollbackOptions,
  startToCloseTimeout: attemptMs,
});

/**
 * Activities that prove that customers get the rollback target. At this point, the traffic is
 * already rolled back. So the deploy waits at most 5 minutes for this proof, even if the worker
 * stops.
 */
export const provingRollback = proxyActivities<PlainActivities>({
  startToCloseTimeout: '3 minutes',
  scheduleToCloseTimeout: '5 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { ...retry, maximumAttempts: 2 },
});

/**
 * Activities that run smoke tests and take samples. They change nothing, so an order to abort or
 * roll back does not wait for them.
 */
export const watching = proxyActivities<PlainActivities>({
  startToCloseTimeout: '10 minutes',
  scheduleToCloseTimeout: bounds.watching,
  heartbeatTimeout: '10 seconds',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { ...retry, maximumAttempts: 20 },
});

/**
 * Activities for proofs that run while the release is judged. Call a proof in `unlessCancelled`,
 * because a rollback does not wait for a proof and ignores a late result.
 */
export const provingWithin = (timing: Timing) =>
  proxyActivities<PlainActivities>({
    startToCloseTimeout: attemptOf(timing),
    scheduleToCloseTimeout: '2 hours',
    heartbeatTimeout: '10 seconds',
    retry: { ...retry, maximumAttempts: 20 },
  });

/**
 * Activities that probe, and must not delay a rollback. A probe without an answer after 5 seconds
 * is ignored.
 */
export const comparing = proxyActivities<PlainActivities>({
  startToCloseTimeout: '3 seconds',
  scheduleToCloseTimeout: '5 seconds',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { ...retry, initialInterval: '100 milliseconds', maximumAttempts: 2 },
});

/**
 * Activities that notify people. No deploy depends on a notification, so retries end after 2
 * minutes.
 */
export const notifying = proxyActivities<PlainActivities>({
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: '2 minutes',
  retry: { ...retry, maximumInterval: '10 seconds' },
});

/** Activities that update the dead man's switch. The next update replaces a late update. */
export const living = proxyActivities<PlainActivities>({
  startToCloseTimeout: '20 seconds',
  scheduleToCloseTimeout: '1 minute',
  retry: { ...retry, maximumInterval: '10 seconds' },
});

/**
 * Activities that page people. A page must wake a person, even after hours without a network. The
 * deploy does not wait for a page.
 */
export const paging = proxyActivities<PlainActivities>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '6 hours',
  retry: { ...retry, maximumInterval: '1 minute' },
});

/**
 * Activities that write the ledger entries that must exist before the first effect. If the ledger
 * refuses an entry for 5 minutes, the step is stuck.
 */
export const intending = proxyActivities<PlainActivities>({
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: '5 minutes',
  retry,
});

/**
 * Activities that write to the ledger and are retried for a day. A rollback never waits for them.
 */
export const recording = proxyActivities<PlainActivities>({
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: bounds.recording,
  retry,
});

/**
 * Activities that record the end after a rollback. The worker first reads every host, and may page
 * people.
 */
export const closing = proxyActivities<PlainActivities>({
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: bounds.recording,
  heartbeatTimeout: '15 seconds',
  retry,
});

/** Activities that call GitHub and git in the aftermath. They are retried for 24 hours. */
export const mending = proxyActivities<PlainActivities>({
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: '24 hours',
  heartbeatTimeout: '20 seconds',
  retry: { ...retry, maximumInterval: '1 minute' },
});
