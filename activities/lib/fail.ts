import { ApplicationFailure } from '@temporalio/common';
import { failures } from '../../domain/deploy/failures.ts';

type Kind = (typeof failures)[keyof typeof failures];

/**
 * Makes a final failure. Temporal does not retry it. Its `type` tells the saga what to do. The
 * message names the problem, its cause, and the next command. The message must contain no secret.
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
 * Makes a failure after which nobody knows whether the effect happened. The next attempt must read
 * the state first.
 */
export const unknown = (message: string) =>
  ApplicationFailure.create({ message, type: failures.unknownOutcome });
