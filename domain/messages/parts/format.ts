const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** Writes milliseconds as a duration, such as "12 min", "2 h 5 min" or "0 s". */
export function duration(ms: number): string {
  const parts: string[] = [];
  let rest = Math.max(0, ms);
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.slice(0, parts[0]?.endsWith('min') ? 1 : 2).join(' ') || '0 s';
}

export const since = (iso: string, now: Date) => duration(now.getTime() - Date.parse(iso));

/** Returns the UTC time of an ISO date, such as "14:03:05Z". */
export const clock = (iso: string) => `${iso.slice(11, 19)}Z`;

export const short = (sha: string | null | undefined) => (sha ? sha.slice(0, 7) : 'nothing');

const bars = ['▁', '█'] as const;

/**
 * Returns one sign for each sample: ▁ clean, █ failed, · no data. If there are more samples than
 * `width`, one sign stands for several samples and shows the worst one.
 */
export function sparkline(probes: readonly (0 | 1 | null)[], width = 60): string {
  const size = Math.max(1, Math.ceil(probes.length / width));
  const signs: string[] = [];
  for (let at = 0; at < probes.length; at += size) {
    const group = probes.slice(at, at + size);
    signs.push(group.includes(1) ? bars[1] : group.includes(null) ? '·' : bars[0]);
  }
  return signs.join('');
}

/** Returns a line with the name in the first column and the text in the second column. */
export const row = (name: string, text: string) => `${name.padEnd(11)}${text}`;
