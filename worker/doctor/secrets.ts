import type { Config } from '../../domain/config/config.ts';
import { UserError } from '../../domain/lib/user-error.ts';
import { refuseWrittenSecrets, secretRefs, shortSecrets } from '../config/secrets.ts';
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
    refuseWrittenSecrets(config, env);
    if (refs.length === 0) return 'the configuration names no variable';
    return `set: ${refs.map(nameOf).join(', ')}${tooShort(shortSecrets(config, env))}`;
  });

const tooShort = (names: string[]) =>
  names.length > 0
    ? `. Too short to be removed from texts, so make a longer value: ${names.join(', ')}`
    : '';

const notSet = (names: string[]) =>
  new UserError(
    `plimsoll.yaml names variables that are not set here: ${names.join(', ')}.\n` +
      `Set them where the worker is started, and run doctor in the same terminal.`,
  );
