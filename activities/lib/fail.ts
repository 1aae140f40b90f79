import { ApplicationFailure } from '@temporalio/common';
import { failures } from '../../domain/deploy/failures.ts';

type Kind = (typeof failures)[keyof typeof failures];

/**
 * A final failure. Temporal does not retry it, and the saga decides by `type` what to do. The
 * message tells people what happened, why, and the next command. It contains no secret.
 */
export const final = (type: Kind, message: string) =>
  ApplicationFailure.nonRetryable(message, type);

/**
 * A transient failure, which Temporal retries. `afterMs`: pause before the retry, if the platform
 * asked for one.
 */
export const transient = (message: string, afterMs?: number) =>
  ApplicationFailure.create({
    message,
    type: failures.unavailable,
    ...(afterMs === undefined ? {} : { nextRetryDelay: afterMs }),
  });

/** A failure after which the effect may have happened. The next attempt checks before it acts. */
export const unknown = (message: string) =>
  ApplicationFailure.create({ message, type: failures.unknownOutcome });
