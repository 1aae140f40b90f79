import { once } from 'node:events';
import { serveBuilds } from '../activities/builds/serve.ts';
import { createPrivately } from '../activities/lib/private-files.ts';

type Settings = {
  env: NodeJS.ProcessEnv;
  /**
   * This function is called once the builder accepts orders from workers. `directory` is the path
   * of the shared directory, without symbolic links.
   */
  onReady: (directory: string) => void;
};

/**
 * Runs builds for the workers that share `directory`, until SIGINT or SIGTERM. Running builds then
 * end at once. Throws a UserError if the environment has a secret, or if another builder serves the
 * directory.
 */
export async function runBuilds(directory: string, { env, onReady }: Settings): Promise<void> {
  createPrivately();
  const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const serving = await serveBuilds(directory, { env });
  onReady(serving.directory);
  await ended;
  await serving.close();
}
