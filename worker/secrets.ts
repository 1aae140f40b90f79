import { final } from '../activities/lib/fail.ts';
import { failures } from '../domain/failures.ts';

/** The value behind `env:NAME`. Final misconfigured when it is not set; the text names the variable only. */
export function secret(ref: string, env: NodeJS.ProcessEnv = process.env): string {
  const name = ref.slice('env:'.length);
  const value = env[name];
  if (value === undefined || value.trim() === '')
    throw final(
      failures.misconfigured,
      `The worker's environment has no ${name}, which the configuration reads as "${ref}".\n` +
        `Set ${name} where the worker is started and start it again.`,
    );
  return value;
}
