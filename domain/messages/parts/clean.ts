// Matches control characters and characters that change the writing direction.
// oxlint-disable-next-line no-control-regex -- these characters are removed
const tricks = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Puts every text in `value` on one line, and replaces control characters. Without this function, a
 * commit title or a log line could forge other lines of the screen that a person reads before
 * signing.
 */
export function clean<T>(value: T): T {
  if (typeof value === 'string')
    return value.replace(/\s*\n\s*/g, ' ').replace(tricks, '\uFFFD') as T;
  if (Array.isArray(value)) return value.map(clean) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [clean(key), clean(member)]),
  ) as T;
}
