import { withoutSecrets } from '../../domain/lib/secret-shapes.ts';
import { createRedactor } from './redactor.ts';

/**
 * The secrets of this process: the values that the configuration names by `env:NAME`, and every
 * credential that the process sent in an HTTP header. So a token that the worker makes is known too.
 * There is one object for the process, as there is one environment: a text may leave at any place.
 */
export const knownSecrets = createRedactor();

/**
 * Learns a value of the configuration. Of an address, the password and a long path are secrets too,
 * for example the topic of a webhook.
 */
export function learnValue(name: string, value: string): void {
  knownSecrets.learn(name, value);
  if (!URL.canParse(value)) return;
  const { password, pathname, search } = new URL(value);
  for (const part of [password, decoded(password)]) knownSecrets.learn(name, part);
  const path = `${pathname.slice(1)}${search}`;
  if (path.length >= fewestOfPath) knownSecrets.learn(name, path);
}

/** A shorter path is not taken for a secret, because it may be a usual word. */
const fewestOfPath = 16;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Learns a token that the worker made, or a password that it sent. */
export const learnToken = (token: string): void =>
  void knownSecrets.learn('a credential', token, { passes: true });

/**
 * Removes secrets from a title that another person wrote: the known ones, and those that show their
 * kind. Call this before the title is cut, because a part of a secret is not found.
 */
export const cleanTitle = (title: string): string => withoutSecrets(knownSecrets.clean(title));

/** Learns the credentials in the headers of a request. */
export function learnHeaders(headers: Headers): void {
  const value = headers.get('authorization');
  const [, scheme = '', credential = ''] = /^(\w+) +(\S+)$/.exec(value ?? '') ?? [];
  if (credential !== '') learnToken(credential);
  if (scheme.toLowerCase() !== 'basic') return;
  const [, password = ''] =
    /^[^:]*:(.*)$/s.exec(Buffer.from(credential, 'base64').toString()) ?? [];
  learnToken(password);
}
