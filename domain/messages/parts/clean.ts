import { visible } from '../../lib/visible.ts';

/**
 * Puts every text in `value` on one line, and replaces every character that a person cannot see by
 * its code. Without this function, a commit title or a log line could forge other lines of the
 * screen that a person reads before signing.
 */
export function clean<T>(value: T): T {
  if (typeof value === 'string') return visible(onOneLine(value)) as T;
  if (Array.isArray(value)) return value.map(clean) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [clean(key), clean(member)]),
  ) as T;
}

const onOneLine = (text: string) =>
  text.includes('\n')
    ? text
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean)
        .join(' ')
    : text;
