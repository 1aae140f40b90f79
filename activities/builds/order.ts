import type { Socket } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { Builds } from '../../domain/config/builds.ts';

const Text = z.string().max(100_000);
const Path = z.string().startsWith('/').max(4_096);

/**
 * A message from a worker to a builder, as one line of JSON. A message without `job` asks how the
 * builder isolates jobs. The network of a job is always filtered, because only the worker itself
 * runs a job with the whole network.
 */
export const Order = z.strictObject({
  /** The settings of the worker's plimsoll.yaml. */
  builds: Builds,
  job: z
    .strictObject({
      argv: z.array(Text).min(1).max(1_000),
      cwd: Path,
      env: z.record(z.string().max(1_000), Text),
      path: z.array(Path).max(1_000).optional(),
      writable: z.array(Path).max(100),
      readable: z.array(Path).max(100).optional(),
      network: z.strictObject({ kind: z.literal('filtered'), hosts: z.array(Text).max(1_000) }),
      timeoutMs: z
        .number()
        .positive()
        .max(60 * 60_000),
    })
    .optional(),
});
export type Order = z.infer<typeof Order>;

const Limit = { memoryMb: z.number() };
/** How the jobs of a builder are isolated. */
const At = z.discriminatedUnion('kind', [
  z.strictObject({
    ...{ kind: z.literal('bubblewrap'), version: z.string().max(20), ...Limit },
    memory: z.enum(['system', 'user', 'process']),
  }),
  z.strictObject({
    ...{ kind: z.literal('container'), program: z.enum(['podman', 'docker']), ...Limit },
    memory: z.enum(['container', 'process']),
  }),
]);

/**
 * The answer of a builder, as one line of JSON. `refused` is a final failure. `failed` is a failure
 * after which a retry may succeed. The worker does not trust a builder, because code of commits
 * runs there.
 */
export const Answer = z.union([
  z.strictObject({ isolation: At }),
  z.strictObject({
    result: z.strictObject({
      ...{ code: z.number().int().nullable(), timedOut: z.boolean() },
      output: z.string().max(100_000),
    }),
  }),
  z.strictObject({ refused: z.string().max(10_000) }),
  z.strictObject({ failed: z.string().max(10_000) }),
]);
export type Answer = z.infer<typeof Answer>;

/** The socket in the directory that the worker and the builder share. */
export const socketIn = (directory: string) => join(directory, 'builder.sock');

/**
 * The output of a job has at most 64 KB. Each byte of the output becomes at most 6 bytes of JSON.
 */
const mostLineBytes = 1024 * 1024;

/**
 * Returns the first line that arrives. Rejects if the connection ends before the end of the line, or
 * if the line is longer than 1 MB.
 */
export function readLine(socket: Socket): Promise<string> {
  return new Promise((done, fail) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) done(text.slice(0, end));
      else if (text.length > mostLineBytes) socket.destroy(new Error('the line is too long'));
    });
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('the connection ended')));
  });
}
