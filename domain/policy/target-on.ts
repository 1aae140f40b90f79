import type { VpsHost, VpsTarget } from '../plan.ts';

/** What this host says for itself wins over what the environment says for all. */
export const targetOn = (target: VpsTarget, host: VpsHost): VpsTarget => ({
  ...target,
  directory: host.directory ?? target.directory,
  health: host.health ?? target.health,
});
