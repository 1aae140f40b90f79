import { isLimit, wordsOf } from './words.ts';
import type { Problem } from './words.ts';

/**
 * Returns the status and GitHub's reason if GitHub answered 403 or 404 and the reason matches
 * `only`. Such an answer has one of two meanings. The plan or the settings do not include the
 * requested data. Or the token may not read the data. Throws every other error again, such as a
 * rate limit.
 */
export function withoutIt(cause: unknown, only = /(?:)/): string {
  const problem = cause as Problem;
  const { status, message = '' } = problem;
  if ((status !== 403 && status !== 404) || isLimit(problem) || !only.test(message)) throw cause;
  return `${status}: ${wordsOf(problem)}`;
}
