import type { ServedProof } from '../deploy/plan.ts';
import { count } from './parts/numbers.ts';

export const stillFailing = 'rolled back; still failing';

/**
 * Returns the cause of the outcome rolled-back-still-failing. `began` is the reason for the
 * rollback.
 */
export const stillFailingCause = (problems: readonly string[], began: string) =>
  `${stillFailing}: ${problems.join('; ')}. The rollback began because: ${began}`;

/** Returns the problem that the report names if the proof could not run. */
export const notProven = (why: string) => `the rollback could not be proven: ${why}`;

/**
 * Returns the line of the timeline about a process of the failed release that the rollback stopped.
 */
export const stoppedLeftover = (what: string) =>
  `stopped ${what}, which the failed release had left behind`;

/**
 * Returns the end of the first line of the screen after a proven rollback. It says which facts were
 * not checked.
 */
export const notCheckedWords = (proof: ServedProof | undefined) =>
  proof && proof.notChecked.length > 0 ? `; not checked: ${proof.notChecked.join('; ')}` : '';

const resultLine = ({ requests, problems }: ServedProof) => {
  if (requests === 0) return 'no request was made, so nothing was measured';
  const result = problems.length === 0 ? 'all answers were correct' : stillFailing;
  return `${count(requests, 'request')} over new connections: ${result}`;
};

/** Returns the lines of the proof for the Web UI and the screen. */
export const proofLines = (proof: ServedProof | undefined): string[] =>
  proof
    ? [
        resultLine(proof),
        ...proof.problems,
        ...proof.notChecked.map((what) => `not checked: ${what}`),
      ]
    : [];
