/** Removes duplicates, and every set that is a part of another set. Each set is a bit mask. */
export function undominated(sets: readonly bigint[]): bigint[] {
  const kept: bigint[] = [];
  for (const set of new Set(sets)) {
    if (kept.some((other) => (set & ~other) === 0n)) continue;
    const inside = kept.filter((other) => (other & ~set) !== 0n);
    kept.splice(0, kept.length, ...inside, set);
  }
  return kept;
}

/**
 * Returns true if at most `most` of the sets together have every bit of `open`. The answer is
 * exact.
 */
export function coverable(open: bigint, sets: readonly bigint[], most: number): boolean {
  if (open === 0n) return true;
  if (most <= 0) return false;
  if (sets.some((set) => (open & ~set) === 0n)) return true;
  if (most === 1) return false;
  const hitters = hittersOfRarest(open, sets);
  if (hitters.length > 0 && oneForEach(open, sets) <= most) return true;
  return hitters.some((set) => coverable(open & ~set, sets, most - 1));
}

/**
 * Chooses, for each open bit, the first set that has this bit, and returns the number of chosen
 * sets. Returns Infinity if no set has one of the open bits.
 */
function oneForEach(open: bigint, sets: readonly bigint[]): number {
  let left = open;
  for (let taken = 0; ; taken += 1) {
    if (left === 0n) return taken;
    const bit = left & -left;
    const set = sets.find((one) => (one & bit) !== 0n);
    if (set === undefined) return Number.POSITIVE_INFINITY;
    left &= ~set;
  }
}

/**
 * Finds the bit of `open` that the fewest sets have, and returns the sets with this bit. Every cover
 * of `open` must contain at least one of these sets.
 */
function hittersOfRarest(open: bigint, sets: readonly bigint[]): readonly bigint[] {
  let fewest = sets;
  for (let left = open; left !== 0n && fewest.length > 1; left &= left - 1n) {
    const bit = left & -left;
    const hitters = sets.filter((set) => (set & bit) !== 0n);
    if (hitters.length < fewest.length) fewest = hitters;
  }
  return fewest;
}
