import type { ServedProof } from '../deploy/plan.ts';
import { count } from './parts/numbers.ts';

export const stillFailing = 'rolled back; still failing';

/** Why the deploy ended. `began`: why the rollback began. */
export const stillFailingCause = (problems: readonly string[], began: string) =>
  `${stillFailing}: ${problems.join('; ')}. The rollback began because: ${began}`;

/** The problem of a proof that could not be made. Without an answer, nothing is proven. */
export const notProven = (why: string) => `the rollback could not be proven: ${why}`;

/** A line of the timeline. */
export const stoppedLeftover = (what: string) =>
  `stopped ${what}, which the failed release had left behind`;

/** The end of the first line after a proven rollback. */
export const notCheckedWords = (proof: ServedProof | undefined) =>
  proof && proof.notChecked.length > 0 ? `; not checked: ${proof.notChecked.join('; ')}` : '';

/** The lines of the proof for the Web UI and the screen. */
export const proofLines = (proof: ServedProof | undefined): string[] =>
  proof
    ? [
        `${count(proof.requests, 'request')} over new connections: ` +
          (proof.problems.length === 0 ? 'all as they must be' : stillFailing),
        ...proof.problems,
        ...proof.notChecked.map((what) => `not checked: ${what}`),
      ]
    : [];
