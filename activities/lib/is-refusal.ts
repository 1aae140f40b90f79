import { ApplicationFailure } from '@temporalio/common';
import { finalFailures } from '../../domain/deploy/failures.ts';

/** True if the failure is final. After a final failure, the same call would fail again. */
export const isRefusal = (failure: unknown) =>
  failure instanceof ApplicationFailure && finalFailures.includes(failure.type ?? '');
