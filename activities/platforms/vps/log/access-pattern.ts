const classes: Record<string, string> = {
  d: '[0-9]',
  D: '[^0-9]',
  s: '[ \t]',
  S: '[^ \t]',
  w: '[A-Za-z0-9_]',
  W: '[^A-Za-z0-9_]',
};

/**
 * Matches one atom and its repetition count, such as `[0-9]{3}`. Some versions of awk do not
 * support counts and read {3} as plain characters.
 */
const counted = /(\[[^\]]+\]|\\.|[^\\()[\]{}*+?|^$])\{(\d{1,2})(?:(,)(\d{1,2})?)?\}/g;

function unrolled(pattern: string): string {
  return pattern.replaceAll(counted, (_, atom: string, least: string, comma = '', most = '') => {
    const first = atom.repeat(Number(least));
    if (comma === '') return first;
    return most === ''
      ? `${first}${atom}*`
      : first + `${atom}?`.repeat(Math.max(0, Number(most) - Number(least)));
  });
}

/**
 * Translates the access-log pattern into a regular expression that every version of awk can read.
 * Returns null if the pattern is invalid, or if it uses a feature that some versions of awk lack:
 * look-ahead, \b, lazy groups or counted groups. Then requests cannot be counted.
 */
export function hostPattern(pattern: string): string | null {
  if (/\(\?|[*+?}]\?|\\[bBkpPux0-9]|\[[^\]]*\\[dDsSwW]|[^\x20-\x7e]/.test(pattern)) return null;
  try {
    void new RegExp(pattern);
  } catch {
    return null;
  }
  const plain = pattern.replaceAll(/\\([dDsSwW])/g, (_, letter: string) => classes[letter] ?? '');
  const flat = unrolled(plain);
  return /(^|[^\\])[{}]/.test(flat) ? null : flat;
}
