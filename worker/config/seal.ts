import type { Config } from '../../domain/config/config.ts';
import type { Problem } from './explain.ts';
import { otherSecretRefs } from './secrets.ts';

/**
 * Checks that no public key of the workers is in the list twice. Also checks that the variable of
 * the private key has no other use.
 */
export const sealRules = (config: Config): Problem[] => {
  const { key, public: publicKeys = [] } = config.seal ?? {};
  const shared = key !== undefined && otherSecretRefs(config).includes(key);
  return [
    ...(shared ? [{ path: ['seal'], what: usedTwice }] : []),
    ...publicKeys.flatMap((one, index, all) =>
      all.indexOf(one) === index ? [] : [{ path: ['seal', 'public', index], what: twice }],
    ),
  ];
};

const usedTwice =
  'Another key of this file reads the same variable, so the private key of the workers would be sent to a service.\n' +
  'Use a variable for the workers alone, such as env:PLIMSOLL_SEAL.';

const twice =
  'This key is already in the list.\n' +
  'Remove one of the two lines. During a rotation, the list has the earlier and the next key.';
