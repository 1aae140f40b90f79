import { join } from 'node:path';
import { createBuilder } from '../../activities/builds/builder.ts';
import type { Builder } from '../../activities/builds/builder.ts';
import { defaultBuilds } from '../../domain/config/builds.ts';
import { cacheDirectory } from '../../worker/engine/cache.ts';

/**
 * A builder with the isolation of this machine. Without isolation on this machine, tests of other
 * things run their jobs without it.
 */
export const builder: Builder = await (async () => {
  const isolated = createBuilder(defaultBuilds);
  const { kind } = await isolated.isolation();
  return kind === 'missing' ? createBuilder({ ...defaultBuilds, isolation: 'none' }) : isolated;
})();

const plain = createBuilder({ ...defaultBuilds, isolation: 'none' });
const compiled = { NODE_COMPILE_CACHE: join(cacheDirectory(), 'compiled') };

/**
 * A builder that runs jobs without isolation, for tests of other things. All jobs share the
 * compiled sources, so wrangler starts in two thirds of the processor time.
 */
export const plainBuilder: Builder = {
  ...plain,
  run: (job) => plain.run({ ...job, env: { ...compiled, ...job.env } }),
};
