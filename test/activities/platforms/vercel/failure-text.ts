import type { ApplicationFailure } from '@temporalio/common';
import { expect } from 'vitest';

export const failureOf = async (call: Promise<unknown>): Promise<ApplicationFailure> =>
  call.then(
    () => expect.unreachable('it should have failed'),
    (cause: ApplicationFailure) => cause,
  );
/**
 * The failure of a call, with its text in lines. Checks that the text does not contain the token.
 */
export const failureText = async (call: Promise<unknown>) => {
  const { type, message, nonRetryable } = await failureOf(call);
  expect(message).not.toContain('vcp_sandbox');
  return { type, nonRetryable, lines: message.split('\n') };
};
