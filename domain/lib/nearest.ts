/** Returns the candidate that a person most likely meant; undefined = no candidate is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(word.length / 3));
  return candidates
    .map((candidate) => ({ candidate, edits: edits(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= most)
    .toSorted((a, b) => a.edits - b.edits)[0]?.candidate;
}

/**
 * Returns the number of edits between two words: insertions, removals, replacements and swaps of
 * neighbours.
 */
function edits(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const cheapest = [previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + same];
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cheapest.push(before[j - 2]! + 1);
      row.push(Math.min(...cheapest));
    }
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}
