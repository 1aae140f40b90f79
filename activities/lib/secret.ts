import { failures } from '../../domain/deploy/failures.ts';
import { final } from './fail.ts';
import { learnValue } from './known-secrets.ts';

/**
 * Returns the value of the variable that `env:NAME` names. Throws a final failure of type
 * 'misconfigured' if the variable is not set. The error contains only the name of the variable.
 * After this call, the value is removed from every text that leaves the process.
 */
export function secret(ref: string, env: NodeJS.ProcessEnv = process.env): string {
  const name = ref.slice('env:'.length);
  const value = env[name];
  if (value === undefined || value.trim() === '')
    throw final(
      failures.misconfigured,
      `The worker's environment has no ${name}, which the configuration reads as "${ref}".\n` +
        `Set ${name} where the worker is started, and start the worker again.`,
    );
  learnValue(name, value);
  return value;
}
