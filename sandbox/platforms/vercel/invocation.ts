import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../../worker/engine/free-port.ts';
import { startGuarded } from '../vps/guard.ts';
import type { Guarded } from '../vps/guard.ts';

export type Function = { port: number; process: Guarded };
export type Started = Function | 'crashed' | 'silent' | 'absent';
type Options = {
  directory: string;
  env: Record<string, string>;
  startMs: number;
  line: (text: string, stream: 'stdout' | 'stderr') => void;
};

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });

async function ready({ port, process }: Function, startMs: number): Promise<Started> {
  let ended = false;
  void process.ended.then(() => {
    ended = true;
  });
  for (const end = Date.now() + startMs; Date.now() < end; await delay(10)) {
    if (ended) return 'crashed';
    if (await accepts(port)) return { port, process };
  }
  process.kill();
  return 'silent';
}

/**
 * Starts the server.mjs of a deployment as a separate process, like a cold start at Vercel. Returns
 * the running function. If the start fails, returns the kind of failure.
 */
export async function invoke({ directory, env, startMs, line }: Options): Promise<Started> {
  if (!existsSync(join(directory, 'server.mjs'))) return 'absent';
  const port = await freePort();
  const process = startGuarded([globalThis.process.execPath, 'server.mjs'], {
    cwd: directory,
    env: { ...env, PORT: String(port) },
  });
  for (const stream of ['stdout', 'stderr'] as const)
    createInterface({ input: process[stream] }).on('line', (text) => line(text, stream));
  return await ready({ port, process }, startMs);
}
