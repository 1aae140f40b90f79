/** Formats a number for people to read, with thousands separators and at most two decimals. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const fixed = value.toFixed(Math.abs(value) >= 100 ? 0 : 2);
  const [whole = '', digits] = fixed.split('.');
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
  const kept = digits?.replace(/0+$/, '');
  return kept ? `${grouped}.${kept}` : grouped;
}

/** Formats a share from 0 to 1, such as "0.99 %". Below 1 %, the text has two significant figures. */
export function percent(share: number): string {
  const value = share * 100;
  if (value === 0 || !Number.isFinite(value)) return `${value === 0 ? 0 : value} %`;
  return `${value >= 1 ? rounded(value) : String(Number(value.toPrecision(2)))} %`;
}

/** Returns the number with its noun, such as "1 sample" or "2 samples". */
export const count = (number: number, noun: string) =>
  `${number} ${noun}${number === 1 ? '' : 's'}`;

/**
 * Writes milliseconds in the largest unit without a fraction, such as "2 h", "15 min" or "72 s".
 */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds >= 3600 && seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds >= 60 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

/**
 * Returns a clause such as "; 12 of 4,000 log lines could not be read", or "" if every line was
 * read.
 */
export const unreadWords = (unread: readonly [number, number] | undefined): string =>
  unread && unread[0] > 0
    ? `; ${rounded(unread[0])} of ${rounded(unread[1])} log lines could not be read`
    : '';
