import { scrub } from '../../domain/messages/parts/scrub.ts';

/** An error of Octokit. `response` is absent if there was no answer. */
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
  const line = scrub(own)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .replace(/ - https?:\S*$/, '')
    .trim();
  return line.length > mostWords ? `${line.slice(0, mostWords)}…` : line;
}

export const headerOf = ({ response }: Problem, name: string): string =>
  String(response?.headers?.[name] ?? '');

/**
 * GitHub's words for a limit of requests. A secondary limit may come with status 403, without
 * `retry-after`, and with requests left of the primary limit.
 */
const limitWords = /\brate limit\b|abuse detection mechanism/i;

/** True if GitHub refused the request because of a primary or a secondary limit of requests. */
export function isLimit(problem: Problem): boolean {
  const { status, message = '' } = problem;
  if (status === 429 || Number(headerOf(problem, 'retry-after')) > 0) return true;
  return status === 403 && (isSpent(problem) || limitWords.test(message));
}

/** True if no request is left until the time in `x-ratelimit-reset`. */
export const isSpent = (problem: Problem): boolean =>
  problem.status === 403 && headerOf(problem, 'x-ratelimit-remaining') === '0';
