import { shellWord } from '../lib/shell-word.ts';
import { plimsoll } from '../deploy/wire.ts';
import type { Plan } from '../deploy/plan.ts';

/**
 * Returns the reason for the end of a deploy whose request for approval was closed by too many
 * invalid decisions. Everybody with access to the namespace can send such decisions. They can close
 * the request, but they cannot approve the deploy.
 */
export const floodWords = ({ project, environment, ref }: Plan, why: string, most: number) =>
  `the request for a decision was closed: ${most} decisions arrived, and too few of them are ` +
  `valid (${why}). See the decisions: ${plimsoll} history ${project} ${environment}; when no ` +
  `more arrive, ask again: ${plimsoll} deploy ${project} ${environment} --ref ${shellWord(ref)}`;

export const endedUndecided = 'the deploy ended before a decision';
export const nobodyAnswered = 'nobody answered in time';

/** Returns the reason why a request for approval ended without an approval. */
export const unansweredWords = (why: string, { flooded }: { flooded: boolean }) =>
  `${flooded ? 'too many answers that do not count' : nobodyAnswered}; ${why}`;

/** Returns the cause of the end if the watch was inconclusive and nobody signed `keep`. */
export const unprovenWords = (why: string) => `the watch was inconclusive: ${why}`;
