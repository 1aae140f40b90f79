import { extname } from 'node:path';
import { isPlaceholder } from './placeholder.ts';
import { looksChosen, looksDrawn } from './randomness.ts';
import type { Hit } from './rules.ts';

/** What holds a secret is called so; around it the rest of the name. */
const named =
  /(?:secret|token|passw(?:or)?d|passwd|pwd|credentials?|bypass|key(?!ed|word|board|frame|path|code))[\w-]{0,24}(?:\\?["'`])?[\])]?(?<is>[ \t]{0,4}(?::=|=>|\?\?|\|\||[=:]|,(?=[ \t]*["'`]))[ \t]{0,4})(?:(?<quote>\\?["'`])(?<quoted>[^\s"'`\\]{8,512})\k<quote>|(?<bare>[^\s"'`,;(){}<>[\]|&]{8,512})(?=[\s,;}]|$))/gi;
/** On a command line, in a header, in a .netrc. */
const spoken =
  /(?:--?[\w-]{0,24}(?:token|password|secret|key)|\b(?:bearer|basic|password))[ \t]{1,4}["'`]?(?<bare>[^\s"'`,;(){}<>[\]|&]{12,512})/gi;

/** In these languages a value without quotes is an expression. */
const code = new Set(
  (
    '.js .mjs .cjs .jsx .ts .mts .cts .tsx .map .py .go .rs .java .kt .swift .c .cc .cpp .h .hpp .cs ' +
    '.rb .php .scala .lua .json .css .scss .html .vue .svelte .md .mdx .svg .xml .proto'
  ).split(' '),
);

/** Made to be seen by everybody. */
const open = /public|publishable|anon|_id$|csrf|placeholder|example/i;
const platforms =
  /stripe|supabase|cloudflare|\bcf|northflank|\bnf|vercel|temporal|gcp|google|slack|github|openai|anthropic|aws/i;
const password = /passw|pwd/i;
const otherThanKey = /secret|token|credential|bypass|^(?:bearer|basic)$/i;
const secretKey =
  /(?:api|access|private|auth|sign(?:ing)?|encrypt(?:ion)?|account|service|role|master|admin|session|shared|storage|jwt|hmac|webhook)[_-]?key|[A-Z0-9]_KEY(?:_|$)/i;
const isPlace = /^(?:[~.]{0,2}\/|[a-z]:\\|[a-z][a-z0-9+.-]*:\/\/)/i;
/** Its claims say whose it is, and another rule reads them. */
const isJwt = /^eyJ[\w-]+\.eyJ/;
const isCall = /^[\w.]+\(.*\)$/;
const isEnvironment = /^[A-Z][A-Z0-9_]+$/;

/** The letters before the match that belong to the same name. */
const before = (text: string, index: number) =>
  /[\w.-]{0,40}$/.exec(text.slice(Math.max(0, index - 40), index))?.[0] ?? '';

function isSecret(name: string, value: string): boolean {
  if (open.test(name) || isPlaceholder(value)) return false;
  if ([isPlace, isCall, isJwt].some((one) => one.test(value))) return false;
  if (password.test(name)) return looksChosen(value);
  const platform = platforms.test(name);
  if (!platform && !otherThanKey.test(name) && !secretKey.test(name)) return false;
  return value.length >= (platform ? 16 : 20) && looksDrawn(value, { sure: platform });
}

/** Values that look drawn or chosen, given to names that say secret. */
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
