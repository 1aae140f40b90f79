import { constants } from 'node:os';

/**
 * Calls `close` once, at the first SIGINT, SIGTERM or SIGHUP. Then exits with 128 plus the number
 * of this signal, as a shell expects. The handlers stay installed after the first signal. Without a
 * handler, the library execa would end the process at once.
 */
export function endOnSignal(close: () => Promise<unknown>) {
  let ending: Promise<unknown> | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      ending ??= close().finally(() => process.exit(128 + constants.signals[signal]));
    });
}
