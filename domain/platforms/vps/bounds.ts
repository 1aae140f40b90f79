import type { Timing } from '../../deploy/plan.ts';
import type { VpsTarget } from './target.ts';

/**
 * All hosts prepare a release at the same time. In-place checkouts are prepared one after the
 * other.
 */
export function longest(target: VpsTarget, { startUpMs }: Timing) {
  const { hosts, checkout, prepare, prepareMs, run } = target;
  const bounded = (prepare === null ? 0 : 1) + (run === 'compose' ? 1 : 0);
  const preparing = bounded * prepareMs;
  const starting = hosts.length * startUpMs;
  return checkout === 'in-place'
    ? { toBuildMs: 0, toProveMs: hosts.length * preparing + starting }
    : { toBuildMs: preparing, toProveMs: starting };
}
