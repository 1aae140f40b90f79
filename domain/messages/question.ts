import { shellWord } from '../lib/shell-word.ts';
import { plimsoll } from '../deploy/wire.ts';
import type { Plan } from '../deploy/plan.ts';

/**
 * The cause of the end if too many invalid decisions closed the request for approval. Everybody
 * with access to the namespace can close the request in this way. But they cannot approve the
 * deploy in this way.
 */
export const floodWords = ({ project, environment, ref }: Plan, why: string, most: number) =>
  `the request for a decision was closed: ${most} decisions arrived, and too few of them are ` +
  `valid (${why}). See the decisions: ${plimsoll} history ${project} ${environment}; when no ` +
  `more arrive, ask again: ${plimsoll} deploy ${project} ${environment} --ref ${shellWord(ref)}`;

export const endedUndecided = 'the deploy ended before a decision';
export const nobodyAnswered = 'nobody answered in time';

/** The reason why a request for approval ended without an approval. */
export const unansweredWords = (why: string, { flooded }: { flooded: boolean }) =>
  `${flooded ? 'too many answers that do not count' : nobodyAnswered}; ${why}`;

/** The cause if the watch was inconclusive and nobody signed `keep`. */
export const unprovenWords = (why: string) => `the watch was inconclusive: ${why}`;
