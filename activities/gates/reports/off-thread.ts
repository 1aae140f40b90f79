import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createInOrder } from '../../lib/in-order.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import { readReport } from './read-report.ts';
import type { ReadReport, ReportKind } from './read-report.ts';

/** A smaller report is read without a thread, because that is faster than starting a thread. */
const smallBytes = 64 * 1024;

export type ReportLimits = { timeMs: number; memoryMb: number };
const usual: ReportLimits = { timeMs: 60_000, memoryMb: 512 };

/**
 * The file of the thread, in the same directory. It is TypeScript in a clone, and JavaScript in the
 * package.
 */
const thread = new URL(`./thread${extname(import.meta.url)}`, import.meta.url);
/** Only one thread runs at a time. So all threads together stay within the memory limit. */
const inOrder = createInOrder();

/**
 * Reads a report that a commit or its CI wrote. A large report is read in a thread with limits for
 * time and memory. Meanwhile the worker continues with heartbeats, rollbacks and other deploys. If
 * a report is above the limits, it is not read, and `tooMuch` tells people the reason. The caller
 * must not use `bytes` afterwards.
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
    // The thread reads texts of strangers, and needs no secret.
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

/** Moves the memory of the bytes to the thread, so that the bytes are not copied. */
function transferable(bytes: Uint8Array | string): ArrayBuffer[] {
  if (typeof bytes === 'string' || bytes.byteLength !== bytes.buffer.byteLength) return [];
  return [bytes.buffer as ArrayBuffer];
}
