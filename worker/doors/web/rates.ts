import { isIPv6 } from 'node:net';

type Limit = { perSecond: number; burst: number };
export type Rates = { take(key: string, cost?: number): boolean };

/**
 * The largest number of keys to remember. If there are more, the key with the oldest use is
 * forgotten first.
 */
const mostKeys = 10_000;

/**
 * Limits how often each key may call. A key may make `burst` calls at once, and then `perSecond`
 * calls each second. `take` returns false if the key has no calls left. `now` returns epoch
 * milliseconds.
 */
export function createRates({ perSecond, burst }: Limit, now: () => number = Date.now): Rates {
  const buckets = new Map<string, { left: number; at: number }>();
  return {
    take(key, cost = 1) {
      const at = now();
      const before = buckets.get(key) ?? { left: burst, at };
      const left = Math.min(burst, before.left + ((at - before.at) / 1000) * perSecond);
      const allowed = left >= cost;
      buckets.delete(key);
      buckets.set(key, { left: allowed ? left - cost : left, at });
      if (buckets.size > mostKeys) buckets.delete(buckets.keys().next().value ?? '');
      return allowed;
    },
  };
}

/**
 * Returns the key of an address for the limits. One person may own a whole network of IPv6
 * addresses. So only the first 64 bits of an IPv6 address count.
 */
export function addressKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  const groups = [...first, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...last];
  return `${groups.slice(0, 4).join(':')}::/64`;
}

/**
 * Runs at most `most` jobs at the same time. At most `waiting` further jobs wait. All other jobs
 * are refused.
 */
export function createTurns(
  { most, waiting }: { most: number; waiting: number },
  full: () => Error,
) {
  let running = 0;
  const queue: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= most) {
      if (queue.length >= waiting) throw full();
      await new Promise<void>((resolve) => queue.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
