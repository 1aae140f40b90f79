import { failures } from '../../domain/deploy/failures.ts';
import type { Config } from '../../domain/config/config.ts';
import { final } from '../../activities/lib/fail.ts';
import { secret } from '../../activities/lib/secret.ts';
import { otherSecretRefs } from './secrets.ts';

/**
 * Makes the function that reads secrets. It reads only the secrets in the configuration, so no
 * input of an activity can read another variable of the worker. It never reads the private key of
 * the workers, because no activity needs this key. For any other reference, and for a variable that
 * is not set, the function throws a final failure of type 'misconfigured'.
 */
export function configuredSecret(
  config: Config,
  env: NodeJS.ProcessEnv = process.env,
): (ref: string) => string {
  const known = new Set(otherSecretRefs(config));
  return (ref) => {
    if (known.has(ref)) return secret(ref, env);
    throw final(
      failures.misconfigured,
      `plimsoll.yaml does not name the secret "${ref.slice(0, 80)}", so the worker does not read it.\n` +
        'Name the secret in plimsoll.yaml where it is used, and start the worker again.',
    );
  };
}
