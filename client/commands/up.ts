import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { configured } from '../options.ts';
import { pathLine } from '../path-line.ts';
import type { Listing, Verb } from '../run.ts';

export const listing: Listing = {
  group: 'Set up',
  order: 3,
  summary: 'run everything on this machine: Temporal, Web UI and a worker',
};

export const verb: Verb = (command, execute) =>
  configured(command)
    .option(
      '--data <path>',
      "path of Temporal's database file (default: temporal.db in the user's data directory)",
    )
    .action((options) => execute((io) => up(io, options)));

/**
 * Runs Temporal, Web UI and a worker on one machine until Ctrl-C. Does not read the Temporal
 * profile.
 */
export async function up(io: Io, { config, data }: { config: string; data?: string }) {
  const { loadConfig } = await import('../../worker/config/config.ts');
  await loadConfig(config);
  const stack = await import('../../worker/up.ts');
  await stack.up({
    configPath: config,
    ...(data === undefined ? {} : { dataFile: data }),
    onProgress: io.say,
    onReady: ({ address, uiUrl, dataFile, next }) =>
      io.data(
        { address, ui: uiUrl, dataFile },
        [
          `Web UI    ${uiUrl}`,
          `Temporal  ${address}, data in ${dataFile}`,
          'Next, in another terminal:',
          ...[...pathLine(io.env), ...next].map((command) => `  ${command}`),
          'Ctrl-C ends everything. Open deploys continue when you run this command again.',
        ].join('\n'),
      ),
  });
  return exitCodes.ok;
}
