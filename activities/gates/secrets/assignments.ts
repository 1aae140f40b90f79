import { extname } from 'node:path';
import { platformNames, platforms } from '../../../domain/platforms/index.ts';
import { isPlaceholder } from './placeholder.ts';
import { looksChosen, looksDrawn } from './randomness.ts';
import type { Hit } from './hit.ts';

/**
 * Matches an assignment to a name that contains a word such as "secret" or "token". The rest of the
 * name may vary.
 */
const named =
  /(?:secret|token|passw(?:or)?d|passwd|pwd|credentials?|bypass|key(?!ed|word|board|frame|path|code))[\w-]{0,24}(?:\\?["'`])?[\])]?(?<is>[ \t]{0,4}(?::=|=>|\?\?|\|\||[=:]|,(?=[ \t]*["'`]))[ \t]{0,4})(?:(?<quote>\\?["'`])(?<quoted>[^\s"'`\\]{8,512})\k<quote>|(?<bare>[^\s"'`,;(){}<>[\]|&]{8,512})(?=[\s,;}]|$))/gi;
/** Matches a secret on a command line, in a header, or in a .netrc file. */
const spoken =
  /(?:--?[\w-]{0,24}(?:token|password|secret|key)|\b(?:bearer|basic|password))[ \t]{1,4}["'`]?(?<bare>[^\s"'`,;(){}<>[\]|&]{12,512})/gi;

/** Endings of files in which a value without quotes is an expression. */
const code = new Set(
  (
    '.js .mjs .cjs .jsx .ts .mts .cts .tsx .map .py .go .rs .java .kt .swift .c .cc .cpp .h .hpp .cs ' +
    '.rb .php .scala .lua .json .css .scss .html .vue .svelte .md .mdx .svg .xml .proto'
  ).split(' '),
);

/** Names of values that are meant to be public. */
const open = /public|publishable|anon|_id$|csrf|placeholder|example/i;
const others = 'stripe supabase temporal gcp google slack github openai anthropic aws'.split(' ');
const vendors = new RegExp(
  [...others, ...platformNames.flatMap((name) => platforms[name].keys.named)].join('|'),
  'i',
);
const password = /passw|pwd/i;
const otherThanKey = /secret|token|credential|bypass|^(?:bearer|basic)$/i;
const secretKey =
  /(?:api|access|private|auth|sign(?:ing)?|encrypt(?:ion)?|account|service|role|master|admin|session|shared|storage|jwt|hmac|webhook)[_-]?key|[A-Z0-9]_KEY(?:_|$)/i;
const isPlace = /^(?:[~.]{0,2}\/|[a-z]:\\|[a-z][a-z0-9+.-]*:\/\/)/i;
/** Matches a JWT. `jwtRule` finds JWTs and reads the issuer from the claims. */
const isJwt = /^eyJ[\w-]+\.eyJ/;
const isCall = /^[\w.]+\(.*\)$/;
const isEnvironment = /^[A-Z][A-Z0-9_]+$/;

/** Returns the letters before the match that belong to the same name. */
const before = (text: string, index: number) =>
  /[\w.-]{0,40}$/.exec(text.slice(Math.max(0, index - 40), index))?.[0] ?? '';

function isSecret(name: string, value: string): boolean {
  if (open.test(name) || isPlaceholder(value)) return false;
  if ([isPlace, isCall, isJwt].some((one) => one.test(value))) return false;
  if (password.test(name)) return looksChosen(value);
  const vendor = vendors.test(name);
  if (!vendor && !otherThanKey.test(name) && !secretKey.test(name)) return false;
  return value.length >= (vendor ? 16 : 20) && looksDrawn(value, { sure: vendor });
}

/** Finds values that look like a random key or a password and have the name of a secret. */
export function assignedSecrets(text: string, file: string): Hit[] {
  const isCode = code.has(extname(file).toLowerCase());
  return [...text.matchAll(named), ...text.matchAll(spoken)].flatMap((match) => {
    const { is, quoted, bare } = match.groups ?? {};
    const name = before(text, match.index) + (/^[\w-]*/.exec(match[0])?.[0] ?? '');
    const plain = !isCode || is === undefined || (is === '=' && isEnvironment.test(name));
    const value = quoted ?? (plain ? bare : undefined);
    if (value === undefined || !isSecret(name, value)) return [];
    return [{ rule: 'assigned-secret', index: match.index + match[0].lastIndexOf(value), value }];
  });
}
