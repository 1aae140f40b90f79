import { findTemporal } from '../../worker/engine/temporal-binary.ts';
import type { EngineOptions } from '../../worker/engine/temporal-binary.ts';
import { findTimeSkippingServer } from './time-skipping.ts';

/** Both servers that the tests run on, one after the other: each may be a build. */
export async function ensureEngines(options: EngineOptions = {}) {
  const temporalBinary = await findTemporal(options);
  const timeSkippingServer = await findTimeSkippingServer(options);
  return { temporalBinary, timeSkippingServer };
}
