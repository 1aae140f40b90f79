import type { Config } from '../../domain/schema.ts';
import { UserError } from '../../domain/user-error.ts';
import { secretRefs } from '../secrets.ts';
import { check } from './finding.ts';
import type { Finding } from './finding.ts';

const nameOf = (ref: string) => ref.slice('env:'.length);

export const isSet = (ref: string, env: NodeJS.ProcessEnv) =>
  (env[nameOf(ref)] ?? '').trim() !== '';

/** Names only: no value is ever read into a text. */
export const secrets = (config: Config, env: NodeJS.ProcessEnv): Promise<Finding> =>
  check('secrets', () => {
    const refs = [...new Set(secretRefs(config))];
    const missing = refs.filter((ref) => !isSet(ref, env)).map(nameOf);
    if (missing.length > 0) throw notSet(missing);
    return refs.length > 0 ? `set: ${refs.map(nameOf).join(', ')}` : 'the configuration names none';
  });

const notSet = (names: string[]) =>
  new UserError(
    `Not set in this environment: ${names.join(', ')}; plimsoll.yaml names ${names.length === 1 ? 'it' : 'them'}.\n` +
      `Set ${names.length === 1 ? 'it' : 'them'} where the worker is started, and run doctor in that same place.`,
  );
