import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';

/** The one-machine default: Temporal, Web UI and worker, until Ctrl-C. Never reads a Temporal profile. */
export async function up(io: Io, { config, data }: { config: string; data?: string }) {
  const { loadConfig } = await import('../../worker/config.ts');
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
          `Temporal  ${address}, kept in ${dataFile}`,
          'Next, in another terminal:',
          ...next.map((command) => `  ${command}`),
          'Ctrl-C ends it; running deploys go on when it is started again.',
        ].join('\n'),
      ),
  });
  return exitCodes.ok;
}
