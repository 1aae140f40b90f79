import { visible } from '../../lib/visible.ts';

/**
 * Puts every text in `value` on one line, and replaces every invisible character by its code.
 * People read these texts before they sign. Without this function, a commit title or a log line
 * could look like another line of the screen.
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
