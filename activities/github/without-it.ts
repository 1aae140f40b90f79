import { isLimit, wordsOf } from './words.ts';
import type { Problem } from './words.ts';

/**
 * Returns the status and GitHub's words if GitHub answered 403 or 404 with words that match `only`.
 * Such an answer means that the plan or the settings do not include the requested data, or that the
 * token may not read it. Throws every other error again, such as a limit of requests.
 */
export function withoutIt(cause: unknown, only = /(?:)/): string {
  const problem = cause as Problem;
  const { status, message = '' } = problem;
  if ((status !== 403 && status !== 404) || isLimit(problem) || !only.test(message)) throw cause;
  return `${status}: ${wordsOf(problem)}`;
}
