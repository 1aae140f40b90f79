import { ApplicationFailure } from '@temporalio/common';
import { failures } from '../../domain/deploy/failures.ts';

type Kind = (typeof failures)[keyof typeof failures];

/**
 * Makes a final failure. Temporal does not retry it. The saga decides by its `type` what to do. The
 * message says what happened, why, and the next command. The message must contain no secret.
 */
export const final = (type: Kind, message: string) =>
  ApplicationFailure.nonRetryable(message, type);

/**
 * Makes a transient failure. Temporal retries the activity. `afterMs` is the pause before the
 * retry, if the platform asked for a pause.
 */
export const transient = (message: string, afterMs?: number) =>
  ApplicationFailure.create({
    message,
    type: failures.unavailable,
    ...(afterMs === undefined ? {} : { nextRetryDelay: afterMs }),
  });

/**
 * Makes a failure after which the effect may have happened. The next attempt must check this first.
 */
export const unknown = (message: string) =>
  ApplicationFailure.create({ message, type: failures.unknownOutcome });
