const classes: Record<string, string> = {
  d: '[0-9]',
  D: '[^0-9]',
  s: '[ \t]',
  S: '[^ \t]',
  w: '[A-Za-z0-9_]',
  W: '[^A-Za-z0-9_]',
};

/** One atom and how often; the awk of some hosts reads {3} as three characters. */
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
 * The pattern of an access log as the regular expression that any awk on a host reads. null = it uses what
 * only JavaScript has (look-ahead, \b, lazy or counted groups), so nothing can be counted by it.
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
