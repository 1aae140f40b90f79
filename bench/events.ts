import { findTimeSkippingServer } from '../test/setup/time-skipping.ts';
import { bundle, runDeploy, timeSkipping } from '../test/support/saga.ts';
import { quietRuntime } from '../worker/runtime.ts';
import { within } from './row.ts';
import type { Row } from './row.ts';

/**
 * Counts the history events of one deploy with the full watch of 30 minutes. The time-skipping
 * server runs this deploy in seconds.
 */
export async function eventRows(): Promise<Row[]> {
  quietRuntime();
  const env = await timeSkipping(await findTimeSkippingServer());
  try {
    const { handle } = await runDeploy(env, await bundle());
    const events = (await handle.fetchHistory()).events?.length ?? Number.NaN;
    return [within('events of one deploy with the full 30 min watch', events, 300, String)];
  } finally {
    await env.teardown();
  }
}
