import { findTemporal } from '../../worker/engine/temporal-binary.ts';
import type { EngineOptions } from '../../worker/engine/temporal-binary.ts';
import { findTimeSkippingServer } from './time-skipping.ts';

/**
 * Returns the paths of the two programs for the tests: the Temporal CLI and the time-skipping test
 * server. Fetches them one after the other, because each of them may have to be built.
 */
export async function ensureEngines(options: EngineOptions = {}) {
  const temporalBinary = await findTemporal(options);
  const timeSkippingServer = await findTimeSkippingServer(options);
  return { temporalBinary, timeSkippingServer };
}
