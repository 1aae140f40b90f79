// Control characters, and those that turn the direction of writing.
// oxlint-disable-next-line no-control-regex -- these are what is to be removed
const tricks = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Every text in `value` on one line and without terminal codes: what a commit's title or a log says must
 * not move the cursor of the person who reads before signing.
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
