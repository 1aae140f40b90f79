import { fileURLToPath } from 'node:url';
import { startProcess } from '../../activities/lib/process.ts';
import type { Started } from '../../activities/lib/process.ts';

const program = fileURLToPath(new URL('../../bin/plimsoll.mjs', import.meta.url));

/** Starts the real `plimsoll worker --builds` without a token, and waits until it answers. */
export async function startBuilder(directory: string): Promise<Started> {
  const { PATH = '', HOME = '' } = process.env;
  const started = await startProcess(process.execPath, [program, 'worker', '--builds', directory], {
    env: { PATH, HOME },
  });
  let text = '';
  const { promise, resolve, reject } = Promise.withResolvers<Started>();
  for (const stream of [started.process.stdout, started.process.stderr])
    stream?.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      if (text.includes('Building for the workers')) resolve(started);
    });
  void started.exited.then((code) => reject(new Error(`the builder ended with ${code}: ${text}`)));
  return promise;
}
