const seconds = (ms: number) => Math.round(ms / 1000);
const nothing =
  'Nothing was sent after that. Temporal gives the step to a worker again, and the next attempt ' +
  'first looks at what is live.';

/** The reasons why a worker sends nothing more in an attempt of a step. */
export const lateAttempt = {
  paused: (ms: number) =>
    `The worker was paused for ${seconds(ms)} s in this step, so another worker may do the step ` +
    `already, or the deploy may be rolled back. ${nothing}`,
  tooLong: (ms: number, boundMs: number) =>
    `This attempt of the step has run for ${seconds(ms)} s, and Temporal gives it up after ` +
    `${seconds(boundMs)} s. ${nothing}`,
};
