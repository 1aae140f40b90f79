import { setTimeout as sleep } from 'node:timers/promises';

export type Hinting = 'vercel' | 'northflank';
type Wait = {
  ms: number;
  /** Shorter it never gets, however many hints come. */
  leastMs: number;
};

/**
 * A platform's webhook says that something happened there. It is never believed: who waits to look again looks
 * at once. A hint that is lost, doubled, late or forged costs one look, or none.
 */
class Hints {
  #waiting = { vercel: new Set<() => void>(), northflank: new Set<() => void>() };

  tell(from: Hinting) {
    for (const wake of this.#waiting[from]) wake();
  }

  /** `ms` at most. Throws when `signal` aborts. */
  async pause(from: Hinting, { ms, leastMs }: Wait, signal?: AbortSignal): Promise<void> {
    const heard = Promise.withResolvers<void>();
    const over = new AbortController();
    this.#waiting[from].add(heard.resolve);
    try {
      await sleep(Math.min(leastMs, ms), undefined, { signal });
      const ends = AbortSignal.any([over.signal, ...(signal ? [signal] : [])]);
      const rest = sleep(Math.max(0, ms - leastMs), undefined, { signal: ends });
      await Promise.race([heard.promise, rest]);
    } finally {
      this.#waiting[from].delete(heard.resolve);
      over.abort();
    }
  }
}

export const hints = new Hints();
