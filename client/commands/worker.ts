import { isAway } from '../../worker/session/grpc.ts';
import { target, unreachable } from '../session/connect.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { configured } from '../options.ts';
import type { Listing, Verb } from '../run.ts';

export const listing: Listing = {
  group: 'Set up',
  order: 4,
  summary: 'run a worker against an existing Temporal server',
};

export const verb: Verb = (command, execute) =>
  configured(command)
    .option(
      '--builds <directory>',
      'run only builds, for workers that share this directory; needs no configuration, no Temporal and no token',
    )
    .action(({ builds, ...options }) =>
      execute((io) => (builds === undefined ? worker(io, options) : builder(io, builds))),
    );

async function builder(io: Io, directory: string): Promise<number> {
  const { runBuilds } = await import('../../worker/builds.ts');
  const onReady = (shared: string) =>
    io.say(`Building for the workers that share ${shared}. Ctrl-C ends it.`);
  await runBuilds(directory, { env: io.env, onReady });
  return exitCodes.ok;
}

/**
 * Runs a worker until Ctrl-C. Throws a UserError if the configuration is wrong, or no server
 * answers.
 */
export async function worker(io: Io, { config }: { config: string }): Promise<number> {
  const { loadConfig } = await import('../../worker/config/config.ts');
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
