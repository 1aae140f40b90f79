import { withoutSecrets } from '../../domain/lib/secret-shapes.ts';
import { createRedactor } from './redactor.ts';

/**
 * The secrets of this process. These are the values of `env:NAME` in the configuration, and every
 * credential that the process sent in an HTTP header. So tokens that the worker makes are also in
 * the list. The whole process uses this one list, because secrets must be removed from every text
 * that leaves the process.
 */
export const knownSecrets = createRedactor();

/**
 * Adds a value of the configuration. If the value is an address, its password and its path also
 * count as secrets, if they are long. An example is the topic of a webhook.
 */
export function learnValue(name: string, value: string): void {
  knownSecrets.learn(name, value);
  if (!URL.canParse(value)) return;
  const { password, pathname, search } = new URL(value);
  for (const part of [password, decoded(password)]) knownSecrets.learn(name, part);
  const path = `${pathname.slice(1)}${search}`;
  if (path.length >= fewestOfPath) knownSecrets.learn(name, path);
}

/**
 * A path with at least this number of characters counts as a secret. A shorter path may be a usual
 * word.
 */
const fewestOfPath = 16;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Adds a token that the worker made, or a password that the worker sent. */
export const learnToken = (token: string): void =>
  void knownSecrets.learn('a credential', token, { passes: true });

/**
 * Removes secrets from a title that another person wrote. These are the known secrets, and texts
 * with the format of a secret. Call this function before the title is cut, because it cannot find a
 * part of a secret.
 */
export const cleanTitle = (title: string): string => withoutSecrets(knownSecrets.clean(title));

/** Adds the credentials in the headers of a request. */
export function learnHeaders(headers: Headers): void {
  const value = headers.get('authorization');
  const [, scheme = '', credential = ''] = /^(\w+) +(\S+)$/.exec(value ?? '') ?? [];
  if (credential !== '') learnToken(credential);
  if (scheme.toLowerCase() !== 'basic') return;
  const [, password = ''] =
    /^[^:]*:(.*)$/s.exec(Buffer.from(credential, 'base64').toString()) ?? [];
  learnToken(password);
}
