import { parentPort, workerData } from 'node:worker_threads';
import { readReport } from './read-report.ts';
import type { ReportKind } from './read-report.ts';

/** Reads one report in this thread, and sends the result to the thread that started it. */
const { kind, bytes } = workerData as { kind: ReportKind; bytes: Uint8Array | string };
parentPort?.postMessage(await readReport(kind, bytes));
