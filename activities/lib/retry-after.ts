/** The longest wait in milliseconds, even if a vendor asks for more. */
const mostMs = 60 * 60_000;
const leastMs = 1000;

type Options = {
  /** The wait in milliseconds if the answer names no time. Default: 60 s. */
  usualMs?: number;
  /**
   * The unit of `x-ratelimit-reset`: a time in epoch seconds, or the seconds until this time. Leave
   * `reset` out if the vendor does not send this header.
   */
  reset?: 'epoch' | 'to go';
  now?: number;
};
/** Returns the value of a header. The names of headers are in lower case. */
type HeadersOf = (name: string) => string | number | null | undefined;

/**
 * Returns the wait that an answer asks for, in milliseconds, from 1 s to 60 min. Reads the header
 * `retry-after` (seconds or an HTTP date). Without this header, reads `x-ratelimit-reset`. Without
 * both headers, returns `usualMs`.
 */
export function retryAfterMs(headers: HeadersOf, options: Options = {}): number {
  const { usualMs = 60_000, reset, now = Date.now() } = options;
  const asked = afterMs(headers('retry-after'), now) ?? resetMs(headers, reset, now) ?? usualMs;
  return Math.min(Math.max(asked, leastMs), mostMs);
}

/**
 * Returns the wait in milliseconds. `seconds` is the value of `retry-after` that a client library
 * has read.
 */
export const retryAfterSeconds = (seconds: number | undefined, options: Options = {}): number =>
  retryAfterMs(() => seconds, options);

function afterMs(value: ReturnType<HeadersOf>, now: number): number | null {
  const seconds = numberOf(value);
  if (seconds !== null) return seconds > 0 ? seconds * 1000 : null;
  const date = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isFinite(date) ? date - now : null;
}

function resetMs(headers: HeadersOf, reset: Options['reset'], now: number): number | null {
  const seconds = reset === undefined ? null : numberOf(headers('x-ratelimit-reset'));
  if (seconds === null) return null;
  if (reset === 'to go') return seconds * 1000;
  return seconds > 0 ? seconds * 1000 - now : null;
}

function numberOf(value: ReturnType<HeadersOf>): number | null {
  if (value === null || value === undefined || String(value).trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}
