import { ApplicationFailure } from '@temporalio/common';
import { finalFailures } from '../../domain/deploy/failures.ts';

/** true: the failure is final, so the same call would fail again. */
export const isRefusal = (failure: unknown) =>
  failure instanceof ApplicationFailure && finalFailures.includes(failure.type ?? '');
