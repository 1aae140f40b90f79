import { expect, test } from 'vitest';
import { configuredSecret } from '../../../worker/config/configured-secret.ts';
import { configOf } from '../../support/planning.ts';

const env = { GITHUB_TOKEN: 'ghp_of_the_team', HOME: '/home/plimsoll' };

test('the worker reads only the secrets that plimsoll.yaml names', () => {
  const secret = configuredSecret(configOf({ github: { token: 'env:GITHUB_TOKEN' } }), env);
  expect(secret('env:GITHUB_TOKEN')).toBe('ghp_of_the_team');
  expect(() => secret('env:HOME')).toThrow(
    'plimsoll.yaml does not name the secret "env:HOME", so the worker does not read it.\n' +
      'Name the secret in plimsoll.yaml where it is used, and start the worker again.',
  );
});

test('the private key of the workers is not among them', () => {
  const seal = { key: 'env:PLIMSOLL_SEAL', public: [] };
  const secret = configuredSecret({ ...configOf({}), seal }, { PLIMSOLL_SEAL: 'private' });
  expect(() => secret('env:PLIMSOLL_SEAL')).toThrow(
    'plimsoll.yaml does not name the secret "env:PLIMSOLL_SEAL"',
  );
});
