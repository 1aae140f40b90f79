import { findTimeSkippingServer } from '../test/setup/time-skipping.ts';
import { bundle, sail, timeSkipping } from '../test/support/saga.ts';
import { quietRuntime } from '../worker/runtime.ts';
import { within } from './row.ts';
import type { Row } from './row.ts';

/** The whole saga with its real 30 minutes, on the server that skips time. */
export async function eventRows(): Promise<Row[]> {
  quietRuntime();
  const env = await timeSkipping(await findTimeSkippingServer());
  try {
    const { handle } = await sail(env, await bundle());
    const events = (await handle.fetchHistory()).events?.length ?? Number.NaN;
    return [within('events of one deploy with the full 30 min watch', events, 300, String)];
  } finally {
    await env.teardown();
  }
}
