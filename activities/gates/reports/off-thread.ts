import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createInOrder } from '../../lib/in-order.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import { readReport } from './read-report.ts';
import type { ReadReport, ReportKind } from './read-report.ts';

/** A smaller report is read at once: it takes less time than the start of a thread. */
const smallBytes = 64 * 1024;

export type ReportLimits = { timeMs: number; memoryMb: number };
const usual: ReportLimits = { timeMs: 60_000, memoryMb: 512 };

/** The file beside this one: TypeScript in a clone, JavaScript in the package. */
const thread = new URL(`./thread${extname(import.meta.url)}`, import.meta.url);
/** One thread at a time, so that the memory of all threads together stays within the limit. */
const inOrder = createInOrder();

/**
 * Reads a report that a commit or its CI wrote. A large report is read in a thread with limits for
 * time and memory, so the worker continues meanwhile: heartbeats, rollbacks and other deploys. A
 * report above the limits is not read, and `tooMuch` says why, for people. `bytes` must not be used
 * afterwards.
 */
export async function readOffThread<Kind extends ReportKind>(
  kind: Kind,
  bytes: Uint8Array | string,
  limits: ReportLimits = usual,
): Promise<ReadReport<Kind>> {
  // A small archive may unpack to a large report.
  if (bytes.length <= smallBytes && kind !== 'junitZip') return await readReport(kind, bytes);
  return await withHeartbeat((signal) =>
    inOrder('reports', () => inThread<Kind>({ kind, bytes }, { ...limits, signal })),
  );
}

function inThread<Kind extends ReportKind>(
  job: { kind: Kind; bytes: Uint8Array | string },
  { timeMs, memoryMb, signal }: ReportLimits & { signal: AbortSignal },
): Promise<ReadReport<Kind>> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<ReadReport<Kind>>();
  const worker = new Worker(thread, {
    workerData: job,
    transferList: transferable(job.bytes),
    // The thread reads text of strangers and needs no secret.
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 64 },
  });
  const late = () => resolve({ tooMuch: `reading it takes more than ${timeMs / 1000} s` });
  const timer = setTimeout(late, timeMs);
  const stop = () => reject(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  worker.once('message', resolve);
  worker.once('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ERR_WORKER_OUT_OF_MEMORY')
      resolve({ tooMuch: `reading it needs more than ${memoryMb} MB of memory` });
    else reject(cause);
  });
  worker.once('exit', (code) => reject(new Error(`The reader of reports ended with ${code}.`)));
  return promise.finally(async () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  });
}

/** The memory of the bytes moves to the thread. Without this, the bytes would be copied. */
function transferable(bytes: Uint8Array | string): ArrayBuffer[] {
  if (typeof bytes === 'string' || bytes.byteLength !== bytes.buffer.byteLength) return [];
  return [bytes.buffer as ArrayBuffer];
}
