import { ApplicationFailure } from '@temporalio/common';
import { failures } from '../../domain/deploy/failures.ts';

type Kind = (typeof failures)[keyof typeof failures];

/**
 * Makes a final failure, which Temporal does not retry. The `type` of the failure tells the saga
 * what to do. The message names the problem, its cause, and the next command. The message must
 * contain no secret.
 */
export const final = (type: Kind, message: string) =>
  ApplicationFailure.nonRetryable(message, type);

/**
 * Makes a transient failure, after which Temporal retries the activity. If the platform asked for a
 * pause before the retry, `afterMs` is this pause.
 */
export const transient = (message: string, afterMs?: number) =>
  ApplicationFailure.create({
    message,
    type: failures.unavailable,
    ...(afterMs === undefined ? {} : { nextRetryDelay: afterMs }),
  });

/**
 * Makes a failure after which nobody knows whether the effect happened. The next attempt must read
 * the state first.
 */
export const unknown = (message: string) =>
  ApplicationFailure.create({ message, type: failures.unknownOutcome });
