import { basename } from 'node:path';
import { isHash, isTestOrDocumentation } from './harmless.ts';
import type { Hit } from './hit.ts';
import { isObvious, isPlaceholder } from './placeholder.ts';
import { anyOf, oneOf } from './patterns.ts';
import { distinct, looksChosen, looksDrawn } from './randomness.ts';

const rule = 'secret-file';

/** Words in the names of files that contain one secret and nothing else. */
const secretWords = oneOf('secret token password passphrase passwd api[-_]?key');
/** Names of files that contain one secret and nothing else, such as master.key of Rails. */
const whole = anyOf(
  'i',
  String.raw`^\.?vault[-_]?(?:token|pass(?:word)?)(?:\.txt)?$`,
  String.raw`^[\w.-]*${secretWords}[\w-]*(?:\.(?:key|txt|secret|token|pass))?$`,
  String.raw`^[\w-]+\.key$`,
);

function* wholeSecrets(text: string): Generator<Hit> {
  const value = text.trim();
  if (!/^[!-~]{8,512}$/.test(value) || isPlaceholder(value) || isObvious(value)) return;
  if (isHash(value)) return;
  const drawn = looksDrawn(value, { sure: true }) && (value.length >= 16 || /\d/.test(value));
  if (drawn || looksChosen(value)) yield { rule, index: text.indexOf(value), value };
}

/** Lines of PostgreSQL's .pgpass: host:port:database:user:password. */
const pgpass = /^(?:[^:#\n]+:){4}(?<secret>\S{4,})$/gm;
/** Basic auth of Docker's config.json and of .npmrc: base64 of user:password. */
const basic = /(?:"auth"\s*:\s*"|_auth\s*=\s*"?)(?<secret>[A-Za-z0-9+/]{12,}={0,2})/g;
/** Passwords of .npmrc (base64), .netrc, .my.cnf, .pypirc and of FTP clients. */
const line = anyOf(
  'gim',
  String.raw`(?:^|[\s:])(?:_password|password|passwd|pass|login-?password)\s*(?:[=:]\s*"?|\s)` +
    String.raw`(?<secret>[^\s"']{6,})`,
  String.raw`<Pass(?: encoding="base64")?>(?<base64>[^<\s]{6,})</Pass>`,
);
const url = /^\w+:\/\/[^:@\s]+:(?<secret>[^@\s]{4,})@/gm;

const files: [name: RegExp, pattern: RegExp][] = [
  [/^\.?pgpass(?:\.conf)?$/i, pgpass],
  [/^(?:config\.json|\.?dockerconfig(?:json)?|\.dockercfg|\.npmrc)$/i, basic],
  [/^(?:[._]netrc|\.my\.cnf|\.pypirc|\.npmrc|\.?ftpconfig)$/i, line],
  [/^(?:sitemanager|recentservers|filezilla)\.xml$/i, line],
  [/^\.git-credentials$/, url],
];

const isBasic = (value: string) =>
  /^[ -~]+:(?<password>[ -~]{4,})$/.exec(Buffer.from(value, 'base64').toString('latin1'))?.groups?.[
    'password'
  ];

/**
 * Finds secrets in files whose name says that they contain a secret. In such a file, a value counts
 * even if it does not look random.
 */
export function secretsOfFile(text: string, file: string): Hit[] {
  const name = basename(file);
  if (isTestOrDocumentation(file)) return [];
  const found: Hit[] = whole.test(name) && text.length < 1024 ? [...wholeSecrets(text)] : [];
  for (const [of, pattern] of files) {
    if (!of.test(name)) continue;
    for (const match of text.matchAll(pattern)) {
      const value = match.groups?.['secret'] ?? match.groups?.['base64'] ?? '';
      const inner = pattern === basic ? isBasic(value) : value;
      if (inner === undefined || isPlaceholder(inner) || isObvious(inner) || distinct(inner) < 4)
        continue;
      found.push({ rule, index: match.index + match[0].lastIndexOf(value), value });
    }
  }
  return found;
}
