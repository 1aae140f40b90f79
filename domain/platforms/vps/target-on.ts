import type { VpsHost, VpsTarget } from './target.ts';

/**
 * Returns the target for one host. The settings of this host replace the settings of the
 * environment.
 */
export const targetOn = (target: VpsTarget, host: VpsHost): VpsTarget => ({
  ...target,
  directory: host.directory ?? target.directory,
  health: host.health ?? target.health,
});
