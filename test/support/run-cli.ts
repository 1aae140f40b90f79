import { PassThrough, Writable } from 'node:stream';
import { main } from '../../client/program.ts';

export type Ended = { code: number; stdout: string; stderr: string };

/**
 * Runs a `plimsoll` command in this process, with its own streams and environment. Only the working
 * directory comes from the global `process`.
 */
export async function runCli(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const [stdout, stderr] = [collector(), collector()];
  const code = await main(args, { env, stdin: new PassThrough().end(), stdout, stderr });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collector() {
  let text = '';
  const write = (chunk: unknown, _encoding: unknown, done: () => void) => {
    text += String(chunk);
    done();
  };
  return Object.assign(new Writable({ write }), { text: () => text });
}
