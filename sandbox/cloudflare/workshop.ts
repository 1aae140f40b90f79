import { join } from 'node:path';
import type { Version } from './state.ts';
import { StartError, startIsolate } from './workerd.ts';
import type { Isolate } from './workerd.ts';

export type Workshop = ReturnType<typeof createWorkshop>;

/** Keeps a workerd for every version that somebody asked for; a version is tried when it is uploaded. */
export function createWorkshop(directory: string) {
  const running = new Map<string, Promise<Isolate>>();
  let closed = false;
  const serve = (version: Version): Promise<Isolate> => {
    const known = running.get(version.id);
    if (known) return known;
    if (closed) return Promise.reject(new StartError('the stand-in is closed'));
    const started = startIsolate(join(directory, version.id), version);
    running.set(version.id, started);
    started.catch(() => running.delete(version.id));
    return started;
  };
  return {
    serve,
    /** What keeps the version from starting; undefined = it runs. */
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
