/**
 * Makes a function that runs work with the same key one after the other. Without it, two Slack
 * notes could run at the same time and find no parent message. Then both would write a parent
 * message.
 */
export function createInOrder() {
  const last = new Map<string, Promise<unknown>>();
  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const before = last.get(key) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(work);
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}
