import { ApplicationFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import { report, UserError } from '../../client/errors.ts';
import { recordedIo } from '../support/io.ts';

it("a person's error is its text and its exit code, without a stack", () => {
  const io = recordedIo();
  expect(report(new UserError('What.\nNext: this', 6), io)).toBe(6);
  expect([io.stdout, io.stderr]).toEqual([[], ['What.\nNext: this']]);
});

it("a worker's misconfiguration is for people as well", () => {
  const io = recordedIo();
  expect(report(ApplicationFailure.nonRetryable('No token.', 'Misconfigured'), io)).toBe(2);
  expect(io.stderr).toEqual(['No token.']);
});

it('anything else is our bug and shows its stack', () => {
  const io = recordedIo();
  expect(report(new TypeError('x is not a function'), io)).toBe(1);
  expect(io.stderr[0]).toMatch(
    /^This is a bug in Plimsoll, not in your command\. Please report it with these lines:\nTypeError: x is not a function\n\s+at /,
  );
});

it('with --json errors are JSON on stderr', () => {
  const io = recordedIo({ json: true });
  report(new UserError('No.', 4), io);
  expect(io.stderr).toEqual(['{"error":"No.","exitCode":4}']);
  expect(io.stdout).toEqual([]);
});
