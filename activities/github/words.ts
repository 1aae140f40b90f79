import { visible } from '../../domain/lib/visible.ts';
import { scrub } from '../../domain/messages/parts/scrub.ts';

/** An error of Octokit. `response` is absent if GitHub did not answer. */
export type Problem = {
  status?: number;
  message?: string;
  response?: { headers?: Record<string, string | number | undefined>; data?: unknown };
};

const mostWords = 240;

/**
 * Returns the reason in GitHub's own words, on one line and without secrets, or '' if GitHub gave
 * no reason.
 */
export function wordsOf({ message = '', response }: Problem): string {
  const data = response?.data as { message?: unknown } | null | undefined;
  const own = typeof data?.message === 'string' ? data.message : response ? message : '';
  const line = visible(scrub(own).replaceAll(/[\s\p{Cc}]+/gu, ' '))
    .replace(/ - https?:\S*$/, '')
    .trim();
  return line.length > mostWords ? `${line.slice(0, mostWords)}…` : line;
}

export const headerOf = ({ response }: Problem, name: string): string =>
  String(response?.headers?.[name] ?? '');

/**
 * Matches GitHub's messages for a rate limit. GitHub may send a secondary limit with status 403 and
 * without `retry-after`. So only the message shows such a limit.
 */
const limitWords = /\brate limit\b|abuse detection mechanism/i;

/** True if GitHub refused the request because of a primary or a secondary rate limit. */
export function isLimit(problem: Problem): boolean {
  const { status, message = '' } = problem;
  if (status === 429 || Number(headerOf(problem, 'retry-after')) > 0) return true;
  return status === 403 && (isSpent(problem) || limitWords.test(message));
}

/** True if no request is left until the time in `x-ratelimit-reset`. */
export const isSpent = (problem: Problem): boolean =>
  problem.status === 403 && headerOf(problem, 'x-ratelimit-remaining') === '0';
