import { platformNames, platforms } from '../../../domain/platforms/index.ts';
import { isBrowserKey, isTestOrDocumentation } from './harmless.ts';
import type { Hit } from './hit.ts';
import { jwtRule } from './jwt.ts';
import { issuersIn } from './marks.ts';
import { isPlaceholder, isPlaceholderUrl } from './placeholder.ts';
import { anyOf, inOrder, oneOf } from './patterns.ts';
import { distinct, looksChosen, looksDrawn } from './randomness.ts';

type Rule = { rule: string; pattern: RegExp };

const ofPlatforms: Rule[] = platformNames.flatMap((name) => platforms[name].keys.marked);

function* matchesOf({ rule, pattern }: Rule, text: string): Generator<Hit> {
  for (const match of text.matchAll(pattern)) {
    const value = match.groups?.['secret'] ?? match[0];
    yield { rule, index: match.index + match[0].lastIndexOf(value), value };
  }
}

const hasDigit = /\d/;
/**
 * Keys of these issuers nearly always contain a digit. Without a digit, the match is only a name.
 */
const withDigits = new Set(['npm', 'notion', 'voyage', 'fireworks', 'discord', 'crates', 'resend']);

/** A random key has many different characters. A placeholder repeats few characters. */
const isReal = ({ rule, value }: Hit, file: string) =>
  distinct(value) >= 10 &&
  !(withDigits.has(rule) && !hasDigit.test(value)) &&
  !isPlaceholder(value, file);

const inBase64 = /[A-Za-z0-9+/]/;

/** True if the characters are a part of a long text in base64, such as a picture. */
function isPartOfData({ index, value }: Hit, text: string): boolean {
  let [from, to] = [index, index + value.length];
  while (from > 0 && index - from < longRun && inBase64.test(text[from - 1]!)) from -= 1;
  while (to < text.length && to - from < 2 * longRun && inBase64.test(text[to]!)) to += 1;
  return to - from - value.length >= longRun;
}
const longRun = 200;

/**
 * True if the value is a placeholder of an empty field. A placeholder shows people the format of
 * the key.
 */
const isShown = ({ index }: Hit, text: string) =>
  /placeholder["']?[ \t]*[=:][ \t]*[{(]?[ \t]*["'`]\S*$/i.test(
    text.slice(Math.max(0, index - 120), index),
  );

const isPublic = ({ rule, index }: Hit, text: string, file: string) =>
  rule === 'gcp-api-key' && isBrowserKey(text, index, file);

/** Finds keys in the format of a known issuer. */
export function issuerHits(text: string, file: string): Hit[] {
  return [...ofPlatforms, ...issuersIn(text)]
    .flatMap((rule) => [...matchesOf(rule, text)])
    .filter((hit) => isReal(hit, file) && !isPublic(hit, text, file) && !isShown(hit, text))
    .filter((hit) => !isPartOfData(hit, text));
}

const schemes = oneOf(String.raw`
  postgres(?:ql)?(?:\+\w+)? mysql2?(?:\+\w+)? mariadb(?:\+\w+)? mongodb(?:\+srv)? rediss? valkeys?
  amqps? mssql(?:\+\w+)? sqlserver oracle(?:\+\w+)? cockroachdb clickhouse cassandra neo4j(?:\+s)?
  bolt(?:\+s)? elasticsearch couchdb nats kafka mqtts? ldaps? smtps? imaps? sftp ftps? ssh https?
  git\+https?`);

/** Matches passwords in the URLs of databases, queues, mail servers, and of basic auth. */
const address: Rule = {
  rule: 'address-with-password',
  pattern: inOrder(
    'g',
    String.raw`\b${schemes}://[^\s:@/"'${'`'}<>]{0,64}:`,
    String.raw`(?<secret>[^\s"'${'`'}<>,]{6,256})@(?<host>[\w.-]+)`,
  ),
};

/** Matches hosts that RFC 2606 reserves for examples. */
const noHost = /(?:^|\.)(?:example|test|invalid)(?:\.(?:com|org|net|edu|io|dev))?$/i;
const ownHost = anyOf(
  'i',
  String.raw`^(?:localhost|127\.|0\.0\.0\.0|host\.docker|(?:[\w-]+\.)*(?:local|localhost)$)`,
  `^${oneOf('postgres mysql mariadb mongo redis db database host server rabbitmq proxy')}$`,
);

const looksReal = (value: string) =>
  (value.length >= 8 && looksChosen(value)) ||
  (value.length >= 12 && looksDrawn(value, { sure: false })) ||
  (/[A-Za-z]/.test(value) && /\d/.test(value) && distinct(value) >= 6);

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function addressHits(text: string, file: string): Hit[] {
  if (!text.includes('://')) return [];
  return [...text.matchAll(address.pattern)].flatMap((match) => {
    const { secret: value = '', host = '' } = match.groups ?? {};
    if (noHost.test(host)) return [];
    const strict = ownHost.test(host) || isTestOrDocumentation(file);
    const password = decoded(value);
    const real = strict
      ? password.length >= 12 && !/\s/.test(password) && looksDrawn(password, { sure: true })
      : looksReal(password);
    if (!real || isPlaceholderUrl(match[0]) || isPlaceholder(value, file)) return [];
    return [{ rule: address.rule, index: match.index + match[0].lastIndexOf(value), value }];
  });
}

/**
 * Finds three kinds of secrets: keys in the format of a known issuer, signed tokens, and URLs with
 * a password.
 */
export const markedKeys = (text: string, file: string): Hit[] => [
  ...issuerHits(text, file),
  ...jwtRule(text, file),
  ...addressHits(text, file),
];
