import * as testing from '@temporalio/testing';

/** The time limit of one attempt. The library's own limit is 1 s, shorter than any real one. */
const startToCloseTimeoutMs = 10 * 60_000;

/** The environment of an activity in a test, with the time limit of a real attempt. */
export class MockActivityEnvironment extends testing.MockActivityEnvironment {
  constructor(...[info, options]: ConstructorParameters<typeof testing.MockActivityEnvironment>) {
    super({ startToCloseTimeoutMs, ...info }, options);
  }
}
