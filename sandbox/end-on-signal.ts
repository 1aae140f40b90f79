import { constants } from 'node:os';

/**
 * Closes once, whichever signal comes and however often, and exits as a shell expects it. The handlers stay:
 * where there is none, a library that runs a command of its own ends this process at once.
 */
export function endOnSignal(close: () => Promise<unknown>) {
  let ending: Promise<unknown> | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      ending ??= close().finally(() => process.exit(128 + constants.signals[signal]));
    });
}
