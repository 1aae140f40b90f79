import { DefaultLogger, Runtime } from '@temporalio/worker';

/** Warnings and errors only: the worker's news are in the Web UI. A Runtime that is there already stays. */
export function quietRuntime() {
  try {
    Runtime.install({
      logger: new DefaultLogger('WARN'),
      telemetryOptions: { logging: { forward: {}, filter: 'WARN' } },
    });
  } catch (cause) {
    if (!(cause as Error).message.includes('already')) throw cause;
  }
}
