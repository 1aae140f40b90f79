import { join } from 'node:path';
import type { Version } from './state.ts';
import { StartError, startIsolate } from './workerd.ts';
import type { Isolate } from './workerd.ts';

export type Workshop = ReturnType<typeof createWorkshop>;

/**
 * Keeps one workerd process for each version. The process starts when the version is uploaded or
 * first requested.
 */
export function createWorkshop(directory: string) {
  const running = new Map<string, Promise<Isolate>>();
  let closed = false;
  const serve = (version: Version): Promise<Isolate> => {
    const known = running.get(version.id);
    if (known) return known;
    if (closed) return Promise.reject(new StartError('The Cloudflare stand-in is closed.'));
    const started = startIsolate(join(directory, version.id), version);
    running.set(version.id, started);
    started.catch(() => running.delete(version.id));
    return started;
  };
  return {
    serve,
    /**
     * Starts the version. Resolves to undefined if the version starts. Otherwise, resolves to the
     * error text.
     */
    trial: (version: Version): Promise<string | undefined> =>
      serve(version).then(() => undefined, whyNot),
    close: async () => {
      closed = true;
      const isolates = await Promise.allSettled(running.values());
      running.clear();
      for (const one of isolates) if (one.status === 'fulfilled') await one.value.stop();
    },
  };
}

function whyNot(error: unknown): string {
  if (error instanceof StartError) return error.message;
  throw error;
}
