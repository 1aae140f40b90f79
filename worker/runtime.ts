import { Runtime } from '@temporalio/worker';
import { CleanLogger } from './redaction.ts';

/**
 * Makes the Temporal runtime log only warnings and errors, because the Web UI shows everything
 * else. The log contains no secret. An existing runtime is kept.
 */
export function quietRuntime() {
  try {
    Runtime.install({
      logger: new CleanLogger('WARN'),
      telemetryOptions: { logging: { forward: {}, filter: 'WARN' } },
    });
  } catch (cause) {
    if (!(cause as Error).message.includes('already')) throw cause;
  }
}
