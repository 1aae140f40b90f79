/**
 * The largest number of nonces to remember. The memory fills slowly, because only nonces of signed
 * calls are remembered.
 */
const mostNonces = 50_000;

type Use = { until: number; message: string; uses: number; spent: boolean };

export type Seen = ReturnType<typeof createSeen>;

/**
 * Remembers the nonces of signed calls until these calls are no longer valid. If the memory is
 * full, throws the error that `full` makes, and accepts no call. A nonce that is not remembered
 * could be used again.
 */
export function createSeen(full: () => Error, now: () => number = Date.now) {
  const used = new Map<string, Use>();
  const forget = () => {
    for (const [nonce, { until }] of used) if (until < now()) used.delete(nonce);
  };
  /**
   * Returns true if the nonce may be used. It may be used at most `most` times, each time with the
   * same message, and not after `spend`. `until` is in epoch ms.
   */
  function use(
    nonce: string,
    { until, message, most }: Omit<Use, 'uses' | 'spent'> & { most: number },
  ) {
    const before = used.get(nonce);
    if (before) {
      const same = before.message === message && !before.spent && before.uses < most;
      if (same) before.uses += 1;
      return same;
    }
    if (used.size >= mostNonces) forget();
    if (used.size >= mostNonces) throw full();
    used.set(nonce, { until, message, uses: 1, spent: false });
    return true;
  }
  return {
    use,
    /** After this call, the nonce may not be used again. */
    spend(nonce: string) {
      const before = used.get(nonce);
      if (before) before.spent = true;
    },
  };
}
