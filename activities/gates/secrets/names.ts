import { platformNames, platforms } from '../../../domain/platforms/index.ts';
import { isPublicName } from './harmless.ts';
import { anyOf, oneOf } from './patterns.ts';

/**
 * The kind of value that a name indicates. 'password': a password that a person chose. 'vendor': a
 * secret of a known service. 'secret': a secret that a program made. 'short': a short name that
 * often means a secret, such as "key".
 */
export type Meaning = 'password' | 'vendor' | 'secret' | 'short';

const others = 'stripe supabase temporal gcp google slack github openai anthropic aws azure'.split(
  ' ',
);
const vendors = new RegExp(
  [...others, ...platformNames.flatMap((name) => platforms[name].keys.named)].join('|'),
  'i',
);

/** Returns the words of a name: ['db', 'pass'] for dbPass, DB_PASS and db-pass. */
const wordsOf = (name: string) =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');

const passwordIn = /passw(?:or)?d|passwd|pwd|passphrase|userpass|dbpass/i;
const passwordWords = new Set('pass pw pwd passwd password passphrase passcode psk'.split(' '));
const secretIn = /secret|token|credential|bypass|^(?:bearer|basic)$/i;
const secretKey = anyOf(
  'i',
  oneOf(`
    api access private auth sign(?:ing)? encrypt(?:ion)? account service role master admin session
    shared storage jwt hmac webhook app cipher aes crypto?`) + '[_-]?key',
  '[A-Z0-9]_KEY(?:_|$)',
);
const shortWords = new Set('key pat auth tok cred creds sk sec salt apikey nonce'.split(' '));

/**
 * The last words of names whose value is not a secret but a fact about a secret. Example:
 * "tokenUrl" ends with "url".
 */
const about = new Set(
  (
    'url uri path file filename dir name names id ids type kind field fields label title ' +
    'hint help error errors message messages msg text description desc prefix suffix header ' +
    'headers param params regex pattern format length len size count expiry expires expired ' +
    'expiration ttl at date time status state policy strategy class selector icon invalid ' +
    'required mismatch changed placeholder endpoint host provider service version index ' +
    'column table component input form page view route link button address'
  ).split(' '),
);
const secretId = /secret_?id$/i;

/** Returns the kind of secret that the name indicates. null: the name indicates no secret. */
export function meaningOf(name: string): Meaning | null {
  if (isPublicName(name) || /placeholder|example/i.test(name)) return null;
  const words = wordsOf(name);
  const last = words.at(-1) ?? '';
  if (about.has(last) && !secretId.test(name)) return null;
  if (passwordIn.test(name) || words.some((word) => passwordWords.has(word))) return 'password';
  if (vendors.test(name)) return 'vendor';
  if (secretIn.test(name) || secretKey.test(name)) return 'secret';
  return words.slice(-2).some((word) => shortWords.has(word)) ? 'short' : null;
}
