import type { Config } from '../../domain/config/config.ts';
import { UserError } from '../../domain/lib/user-error.ts';
import { secretRefs } from '../config/secrets.ts';
import { check } from '../../activities/lib/finding.ts';
import type { Finding } from '../../activities/lib/finding.ts';

const nameOf = (ref: string) => ref.slice('env:'.length);

export const isSet = (ref: string, env: NodeJS.ProcessEnv) =>
  (env[nameOf(ref)] ?? '').trim() !== '';

/**
 * Checks that every configured variable is set. The finding contains names of variables, and never
 * a value.
 */
export const secrets = (config: Config, env: NodeJS.ProcessEnv): Promise<Finding> =>
  check('secrets', () => {
    const refs = [...new Set(secretRefs(config))];
    const missing = refs.filter((ref) => !isSet(ref, env)).map(nameOf);
    if (missing.length > 0) throw notSet(missing);
    return refs.length > 0
      ? `set: ${refs.map(nameOf).join(', ')}`
      : 'the configuration names no variable';
  });

const notSet = (names: string[]) =>
  new UserError(
    `plimsoll.yaml names variables that are not set here: ${names.join(', ')}.\n` +
      `Set them where the worker is started, and run doctor in the same terminal.`,
  );
