type Problem = {
  status?: number;
  message?: string;
  response?: { headers?: Record<string, string | number | undefined> };
};

/**
 * Returns GitHub's reason if the GitHub plan or the repository settings do not include a feature.
 * In this case GitHub answers 403 or 404, with a message that matches `only`. Every other error is
 * thrown again, such as a rate limit.
 */
export function withoutIt(cause: unknown, only = /(?:)/): string {
  const { status, message = '', response } = cause as Problem;
  const headers = response?.headers ?? {};
  const limited = headers['retry-after'] || String(headers['x-ratelimit-remaining']) === '0';
  if ((status !== 403 && status !== 404) || limited || !only.test(message)) throw cause;
  const words = message.replaceAll(/\s+/g, ' ').replace(/ - https?:.*$/, '');
  return `${status}: ${words.slice(0, 120)}`;
}
