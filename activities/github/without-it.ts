type Problem = {
  status?: number;
  message?: string;
  response?: { headers?: Record<string, string | number | undefined> };
};

/**
 * 403 and 404 are how GitHub says that a plan does not have what was asked for, in its own words. Anything else
 * is thrown again, a limit among them, and words that `only` does not recognize.
 */
export function withoutIt(cause: unknown, only = /(?:)/): string {
  const { status, message = '', response } = cause as Problem;
  const headers = response?.headers ?? {};
  const limited = headers['retry-after'] || String(headers['x-ratelimit-remaining']) === '0';
  if ((status !== 403 && status !== 404) || limited || !only.test(message)) throw cause;
  const words = message.replaceAll(/\s+/g, ' ').replace(/ - https?:.*$/, '');
  return `${status}: ${words.slice(0, 120)}`;
}
