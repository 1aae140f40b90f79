import type { Config } from '../../domain/config/config.ts';
import type { Problem } from './explain.ts';

/** Checks that no public key of the workers is written twice. */
export const sealRules = ({ seal }: Config): Problem[] =>
  (seal?.public ?? []).flatMap((key, index, all) =>
    all.indexOf(key) === index ? [] : [{ path: ['seal', 'public', index], what: twice }],
  );

const twice =
  'This key is already in the list.\n' +
  'Remove one of the two lines. During a rotation, the list has the earlier and the next key.';
