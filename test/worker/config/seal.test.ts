import { expect, it } from 'vitest';
import { secretRefs } from '../../../worker/config/secrets.ts';
import { parseConfig } from '../../../worker/config/config.ts';
import { newSealKey } from '../../../worker/seal/new-key.ts';
import { configText } from '../doctor/doctor-fixture.ts';

const { key, publicKey } = newSealKey();
const parse = (seal: unknown) => parseConfig(configText({ top: { seal } }), 'plimsoll.yaml');
const refusal = (seal: unknown): string => {
  try {
    parse(seal);
  } catch (error) {
    const [, ...blocks] = (error as Error).message.split('\n\n');
    return blocks
      .slice(0, -1)
      .join('\n')
      .replaceAll(/plimsoll.yaml:\d+:\d+ {2}/g, '');
  }
  return 'accepted';
};

it('has a short form', () => {
  expect(parse('env:PLIMSOLL_SEAL').seal).toEqual({ key: 'env:PLIMSOLL_SEAL', public: [] });
});

it('has a form with public keys', () => {
  const seal = { key: 'env:PLIMSOLL_SEAL', public: [publicKey, newSealKey().publicKey] };
  expect(parse(seal).seal).toEqual(seal);
  expect(parse({ key: 'env:PLIMSOLL_SEAL' }).seal).toEqual({ key: seal.key, public: [] });
});

it('is read when the worker starts', () => {
  expect(secretRefs(parse('env:PLIMSOLL_SEAL'))).toEqual(['env:PLIMSOLL_SEAL']);
});

it('has a variable that nothing else reads', () => {
  const page = { webhook: 'env:PLIMSOLL_SEAL' };
  const text = configText({ top: { sandbox: false, seal: 'env:PLIMSOLL_SEAL', page } });
  expect(() => parseConfig(text, 'plimsoll.yaml')).toThrow(
    'seal\n  Another key of this file reads the same variable, so the private key of the workers would be sent to a service.\n' +
      '  Use a variable for the workers alone, such as env:PLIMSOLL_SEAL.',
  );
});

const noPublicKey =
  'Use the public key that "plimsoll seal" prints: 60 characters, MCowBQYDK2VwAyEA…=.';

it.each([
  ['the key itself', key, 'seal\n  Use env:NAME, never the secret itself.'],
  ['no key', { public: [publicKey] }, 'seal.key\n  The key "key" is missing.'],
  ['the key itself', { key }, 'seal.key\n  Use env:NAME, never the secret itself.'],
  [
    'a private key as a public one',
    { key: 'env:S', public: [key] },
    `seal.public.0\n  ${noPublicKey}`,
  ],
  [
    'another kind of key',
    { key: 'env:S', public: ['ssh-ed25519 AAAA'] },
    `seal.public.0\n  ${noPublicKey}`,
  ],
  [
    'a second spelling of a key',
    { key: 'env:S', public: [publicKey.slice(0, -2) + '/='] },
    `seal.public.0\n  ${noPublicKey}`,
  ],
  [
    'a key twice',
    { key: 'env:S', public: [publicKey, publicKey] },
    'seal.public.1\n  This key is already in the list.\n  Remove one of the two lines. During a rotation, the list has the earlier and the next key.',
  ],
  [
    'an unknown key',
    { key: 'env:S', publik: [] },
    'seal.publik\n  "publik" is not a key that Plimsoll knows. Did you mean "public"?\n  Keys here: key, public.',
  ],
])('refuses %s', (_, seal, text) => {
  const message = refusal(seal);
  expect(message).toBe(text);
  expect(message).not.toContain(key);
});
