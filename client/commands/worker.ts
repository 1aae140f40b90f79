import { isAway, target, unreachable } from '../connect.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';

/** Polls until Ctrl-C. UserError: the configuration, or no server. */
export async function worker(io: Io, { config }: { config: string }): Promise<number> {
  const { loadConfig } = await import('../../worker/config.ts');
  await loadConfig(config);
  const { connection, namespace, address } = await target(io.env);
  const { runWorker } = await import('../../worker/main.ts');
  const onPolling = ({ taskQueue }: { taskQueue: string }) =>
    io.say(`Working for ${address}, namespace ${namespace}, queue ${taskQueue}. Ctrl-C ends it.`);
  try {
    await runWorker({ configPath: config, connection, namespace, onPolling, onWarning: io.say });
  } catch (cause) {
    throw isAway(cause) || (cause as Error).name === 'TransportError'
      ? unreachable(address)
      : cause;
  }
  return exitCodes.ok;
}
