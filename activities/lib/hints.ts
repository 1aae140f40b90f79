import { setTimeout as sleep } from 'node:timers/promises';
import { platformNames } from '../../domain/platforms/index.ts';
import type { Platform } from '../../domain/platforms/index.ts';

type Wait = {
  ms: number;
  /**
   * The smallest pause between two reads, in milliseconds, even if many hints arrive.
   */
  leastMs: number;
};

/**
 * A hint is a webhook in which a platform reports an event. Plimsoll does not trust the content of
 * the webhook. A hint only makes a waiting activity read the platform at once. If a hint is lost,
 * the activity reads the platform at the end of its pause. A repeated, late or forged hint causes
 * at most one more read.
 */
class Hints {
  #waiting = new Map(platformNames.map((name) => [name, new Set<() => void>()]));

  wake(from: Platform) {
    for (const endPause of this.#waiting.get(from) ?? []) endPause();
  }

  /**
   * Waits until a hint of this platform comes, but at most for `ms`. Throws when `signal` aborts.
   */
  async pause(from: Platform, { ms, leastMs }: Wait, signal?: AbortSignal): Promise<void> {
    const woken = Promise.withResolvers<void>();
    const over = new AbortController();
    this.#waiting.get(from)?.add(woken.resolve);
    try {
      await sleep(Math.min(leastMs, ms), undefined, { signal });
      const ends = AbortSignal.any([over.signal, ...(signal ? [signal] : [])]);
      const rest = sleep(Math.max(0, ms - leastMs), undefined, { signal: ends });
      await Promise.race([woken.promise, rest]);
    } finally {
      this.#waiting.get(from)?.delete(woken.resolve);
      over.abort();
    }
  }
}

export const hints = new Hints();
