import { ApplicationFailure } from '@temporalio/common';
import { failures } from '../../domain/failures.ts';

type Kind = (typeof failures)[keyof typeof failures];

/** Never retried: the saga decides on `type`. The text is for people: what, why, next command; no secrets. */
export const final = (type: Kind, message: string) =>
  ApplicationFailure.nonRetryable(message, type);

/** Retried by Temporal; `afterMs` carries a platform's Retry-After. */
export const transient = (message: string, afterMs?: number) =>
  ApplicationFailure.create({
    message,
    type: failures.unavailable,
    ...(afterMs === undefined ? {} : { nextRetryDelay: afterMs }),
  });

/** The effect may have happened: the next attempt looks before it acts. */
export const unknown = (message: string) =>
  ApplicationFailure.create({ message, type: failures.unknownOutcome });
