import { DefaultLogger, Runtime } from '@temporalio/worker';

/**
 * Makes the Temporal runtime log only warnings and errors, because the Web UI shows everything
 * else. An existing runtime is kept.
 */
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
