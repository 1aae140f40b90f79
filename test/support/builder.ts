import { createBuilder } from '../../activities/builds/builder.ts';
import type { Builder } from '../../activities/builds/builder.ts';
import { defaultBuilds } from '../../domain/config/builds.ts';

/**
 * A builder with the isolation of this machine. Without isolation on this machine, tests of other
 * things run their jobs without it.
 */
export const builder: Builder = await (async () => {
  const isolated = createBuilder(defaultBuilds);
  const { kind } = await isolated.isolation();
  return kind === 'missing' ? createBuilder({ ...defaultBuilds, isolation: 'none' }) : isolated;
})();

/** A builder that runs jobs without isolation, for tests of other things. */
export const plainBuilder = createBuilder({ ...defaultBuilds, isolation: 'none' });
