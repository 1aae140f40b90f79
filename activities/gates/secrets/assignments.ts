import { basename, extname } from 'node:path';
import {
  isLocale,
  isOfHash,
  isReporterKey,
  isSealed,
  isSearchKey,
  isTestOrDocumentation,
  isVeiledPlaceholder,
} from './harmless.ts';
import type { Hit } from './hit.ts';
import { meaningOf, type Meaning } from './names.ts';
import { isObvious, isPlaceholder, isSequence } from './placeholder.ts';
import { anyOf, inOrder, oneOf } from './patterns.ts';
import { distinct, looksChosen, looksDrawn } from './randomness.ts';

/**
 * Matches an assignment to a name that contains a word such as "secret" or "pass".
 */
const named = inOrder(
  'gi',
  oneOf(String.raw`
    secret token pass(?!i|e[dnrs]|ag) passwd pwd pw psk credentials? creds? auth(?!or) pat(?![a-z])
    tok(?![a-z]) sk(?![a-z]) salt key(?!ed|word|board|frame|path|code)`),
  String.raw`[\w-]{0,24}(?:\\?["'${'`'}])?(?<close>[\])]?)`,
  String.raw`(?<is>[ \t]{0,4}(?::=|=>|\?\?|\|\||[=:]|,(?=[ \t]*["'${'`'}]))[ \t]{0,4})`,
  String.raw`(?:(?<quote>\\?["'${'`'}])(?<quoted>[^\s"'${'`'}\\]{8,512})\k<quote>`,
  String.raw`(?<next>[ \t]*[)\]]?)`,
  String.raw`|(?<bare>[^\s"'${'`'},;(){}<>[\]|&]{8,512})(?=[\s,;}]|$))`,
);
/** Matches a secret on a command line, in a header, or in a .netrc file. */
const spoken = inOrder(
  'gi',
  String.raw`(?<![\w-])(?:--?[\w-]{0,24}(?:token|password|secret|key)|bearer|basic|password)`,
  String.raw`[ \t]{1,4}["'${'`'}]?(?<bare>[^\s"'${'`'},;(){}<>[\]|&]{12,512})`,
);
/** Matches a password or key in an element or an attribute of XML. */
const secretName = String.raw`[\w.:-]{0,60}(?:pass|pwd|secret|token|key)[\w.:-]{0,20}`;
const element = anyOf(
  'gi',
  `<(?<name>${secretName})>(?<value>[^\\s<>]{8,512})</`,
  `(?:key|name)="(?<attribute>${secretName})"\\s+value="(?<of>[^\\s"]{8,512})"`,
);

/**
 * Matches a password in a connection string, in a statement of SQL, in the settings of Redis, and in
 * the arguments of usual commands.
 */
const phrased = inOrder(
  'gi',
  '(?:',
  String.raw`\b(?:server|data source|host|user id|uid|username|database|endpoint|accountname)[ \t]?=` +
    String.raw`[^"'\n]{0,300}?;[ \t]?(?:password|pwd|accountkey|sharedaccesskey)[ \t]?=[ \t]?`,
  String.raw`|\bjdbc:[a-z:]{3,30}//[^\s"']{1,200}?[?&;]password=`,
  String.raw`|\bcurl[ \t][^\n]{0,200}?(?<=[ \t])(?:-u|--user)[ \t=]?["']?[\w.@-]{1,60}:`,
  String.raw`|\b(?:docker|podman|helm|skopeo)[ \t][^\n]{0,40}?login[ \t][^\n]{0,200}?(?<=[ \t])-p[ \t=]["']?`,
  String.raw`|\bsshpass[ \t]{1,4}-p[ \t]?["']?`,
  String.raw`|\b(?:mysql|mysqldump|mysqladmin|mariadb)[ \t][^\n]{0,200}?(?<=[ \t])-p["']?`,
  String.raw`|(?<=^|\n)[ \t]{0,8}(?:requirepass|masterauth)[ \t]{1,4}["']?`,
  String.raw`|\bidentified[ \t]{1,4}by[ \t]{1,4}["']`,
  String.raw`)(?<value>[^\s"'${'`'};&<>]{8,200})`,
);

/** Extensions of files in which a value without quotes is an expression, not a text. */
const code = new Set(
  (
    '.js .mjs .cjs .jsx .ts .mts .cts .tsx .map .py .go .rs .java .kt .swift .c .cc .cpp .h .hpp ' +
    '.cs .rb .php .scala .lua .json .css .scss .html .vue .svelte .md .mdx .svg .xml .proto .rst ' +
    '.pyi .pyx .pxd .cxx .hh .hxx .zig .nim .groovy .gradle .kts .sol .ml .mli .fs .vb .cr .astro ' +
    '.sql .txt .ex .exs .dart .m .mm .pl .pm .clj .hs .jl .r .ipynb .graphql'
  ).split(' '),
);
/** Names of files in which every password is real. */
const ofSecrets = anyOf(
  'i',
  String.raw`^\.env(?:\.(?:local|prod(?:uction)?|staging|live))?$`,
  String.raw`^(?:secrets?|credentials?)(?:\.(?:prod(?:uction)?|live))?` +
    String.raw`\.(?:ya?ml|json|toml|ini|properties|env|txt)$`,
  String.raw`^credentials$|^_netrc$`,
  String.raw`^\.(?:netrc|my\.cnf|pypirc|s3cfg|ftpconfig|pgpass)$`,
);

const isPlace = /^(?:[~.]{0,2}\/|[a-z]:\\|[a-z][a-z0-9+.-]*:\/\/|\$?[\w.-]+\/[\w./-]+\.\w{1,5}$)/i;
/**
 * Matches a JWT. The rule in this file skips JWTs, because `jwtRule` judges them by their claims.
 */
const isJwt = /^eyJ[\w-]+\.e(?:yJ|30\b)/;
const isCall = /^[\w.]+\(.*\)$/;
const isEnvironment = /^[A-Z][A-Z0-9_]+$/;
/** Matches words with dots between them, such as fields of objects and keys of translations. */
const isDotted = /^[+!&]?[A-Za-z_$]+\d{0,3}(?:\.[A-Za-z_$]+\d{0,3})+$/;
/** Matches one to three words, such as not-needed. A passphrase has more words. */
const isWords = /^[A-Za-z]+(?:[-_][A-Za-z]+){0,2}$/;
/** Matches the beginning of a public value, or of a key that the rules for issuers judge. */
const hasPublicMark = anyOf(
  '',
  '^(?:AIza|LS0tLS1CRUdJTi|pk_|pub|phc_|ssh-|AAAA[BCE]3Nza|MI[GIH][A-Za-z][A-Za-z0-9+/]{16})',
  String.raw`^(?:pk\.|sha\d{3}-|sb_publishable_|NRJS-|post_client_item|-----BEGIN (?:PUBLIC|CERT))`,
);

/**
 * True if the match does not assign a value to the name. Either the match is a part of a list of
 * names, or it reads the result of a call. Two forms look like this but do assign a value:
 * define('NAME', 'value') and env('NAME') || 'value'.
 */
function isOther({ is, close, next }: Record<string, string | undefined>): boolean {
  const sign = is?.trim();
  if (sign === ',') return close !== '' || next?.trim() !== ')';
  return close === ')' && sign !== '??' && sign !== '||';
}

/** Returns the letters before the match that belong to the same name. */
const before = (text: string, index: number) =>
  /[\w.-]{0,40}$/.exec(text.slice(Math.max(0, index - 40), index))?.[0] ?? '';

type Candidate = { name: string; value: string; index: number };
type Place = { text: string; file: string };

function isHarmless({ name, value, index }: Candidate, { text, file }: Place): boolean {
  if (isPlaceholder(value, file) || isSequence(value)) return true;
  if (isSealed(name, value, file)) return true;
  if ([isPlace, isCall, isJwt, isDotted, hasPublicMark].some((one) => one.test(value))) return true;
  if (isVeiledPlaceholder(value) || isOfHash(text, index, name)) return true;
  return isSearchKey(text, index, name, value) || isReporterKey(text, index, name, value);
}

function isPassword(written: string, file: string): boolean {
  const value = unescaped(written);
  if (isLabel(value) || (isObvious(value) && !isLongInSettings(value, file))) return false;
  if (ofSecrets.test(basename(file)) && !isDotted.test(value))
    return distinct(value) >= 5 && !(isWords.test(value) && /[-_]/.test(value));
  if (isLocale(file) && beyondAscii.test(value)) return false;
  if (isLocale(file))
    return value.length >= 16 && /\d/.test(value) && looksDrawn(value, { sure: true });
  return looksChosen(value) || (isTight.test(value) && looksDrawn(value, { sure: true }));
}

/**
 * True for a long value with digits in a settings file. In a settings file, such a value counts as
 * a real password, even if it consists of usual words. In code, such a value is usually the
 * password of a test server.
 */
const isLongInSettings = (value: string, file: string) =>
  ofSecrets.test(basename(file)) && value.length >= 12 && /[A-Za-z]\d/.test(value);

const beyondAscii = /[^\0-\x7f]/;
const ofOtherScript = /[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u;
const joinedWords = /^\p{L}+(?:[-_.'’]\p{L}+)+[?!:.…]*$/u;

/**
 * Words for "password" in other languages. Labels often contain such a word. Real passwords rarely
 * contain one.
 */
const wordForPassword = new RegExp(
  oneOf(String.raw`
    contrase(?:ñ|n)a kennwort passwort l(?:ö|o)senord adgangskode adgangsord passord wachtwoord
    has(?:ł|l)o heslo jelsz(?:ó|o) salasana parol[aeăă]? paroole (?:ş|s)ifre lozink[aeu] geslo
    mot[-_.]?de[-_.]?passe senha palavra[-_.]?passe lykilor(?:ð|d) m(?:ậ|a)t[-_.]?kh(?:ẩ|a)u
    kata[-_.]?sandi slapta(?:ž|z)odis pasahitz contrasenya`),
  'iu',
);

/** Matches a letter outside of ASCII, in the form that Java files and HTML pages use. */
const escaped =
  /\\u(?<code>[0-9a-f]{4})|&[a-z](?:acute|caron|cedil|circ|grave|ring|slash|tilde|uml);?/gi;
const unescaped = (value: string) =>
  value.replaceAll(escaped, (_, code?: string) =>
    code === undefined ? '\u00e9' : String.fromCodePoint(Number.parseInt(code, 16)),
  );

/**
 * True if the value is a text for people: joined words, letters of a script other than Latin, or a
 * word for "password" with letters beyond ASCII.
 */
const isLabel = (value: string) =>
  ofOtherScript.test(value) ||
  joinedWords.test(value) ||
  (beyondAscii.test(value) && wordForPassword.test(value.normalize('NFC')));

/** Names whose value may be a user and a password with a colon between them. */
const ofPair = /basic|cred|auth(?!or)/i;
const pair = /^[\w.@+-]{1,60}:(?<password>[^\s:/]{8,200})$/;
const isPair = ({ name, value }: Candidate, file: string): boolean => {
  const { password } = pair.exec(value)?.groups ?? {};
  if (password === undefined || !ofPair.test(name) || isPlaceholder(password, file)) return false;
  return isPassword(password, file);
};

const isMixed = (value: string) =>
  [/[a-z]/, /[A-Z]/, /\d.*\d/].every((kind) => kind.test(value)) && !isDotted.test(value);

const isDrawn: Record<Exclude<Meaning, 'password'>, (value: string) => boolean> = {
  vendor: (value) => value.length >= 16 && looksDrawn(value, { sure: true }),
  secret: (value) => value.length >= 20 && looksDrawn(value, { sure: false }),
  short: (value) => value.length >= 24 && isMixed(value) && looksDrawn(value, { sure: false }),
};

/**
 * Matches at least ten characters with a digit and without spaces, slashes, commas, dots or colons.
 */
const isTight = /^(?=.*\d)[^\s/,.:]{10,}$/;

/** True if the index is in a line that begins with `*`, as in a documentation comment. */
const isInComment = (text: string, index: number) =>
  /(?:^|\n)[ \t]*\*[^\n]*$/.test(text.slice(Math.max(0, index - longestComment), index));
const longestComment = 200;

/**
 * True if a value with this name may count. In tests, examples and documentation, most values are
 * invented. There, a value counts only in two cases: its name is the name of a service, or its file
 * is a settings file such as .env.
 */
const counts = (meaning: Meaning, { index }: Candidate, { text, file }: Place) =>
  meaning === 'vendor' ||
  ofSecrets.test(basename(file)) ||
  !(isTestOrDocumentation(file) || isInComment(text, index));

function isSecret(candidate: Candidate, place: Place): boolean {
  const meaning = meaningOf(candidate.name);
  if (meaning === null || isHarmless(candidate, place)) return false;
  if (!counts(meaning, candidate, place)) return false;
  if (meaning === 'password') return isPassword(candidate.value, place.file);
  if (isObvious(candidate.value)) return false;
  return isDrawn[meaning](candidate.value) || isPair(candidate, place.file);
}

function* candidates(text: string, file: string): Generator<Candidate> {
  const isCode = code.has(extname(file).toLowerCase());
  for (const pattern of [named, spoken])
    for (const match of text.matchAll(pattern)) {
      const { is, quoted, bare } = match.groups ?? {};
      if (isOther(match.groups ?? {})) continue;
      const name = before(text, match.index) + (/^[\w-]*/.exec(match[0])?.[0] ?? '');
      const plain = !isCode || is === undefined || (is === '=' && isEnvironment.test(name));
      const value = quoted ?? (plain ? bare : undefined);
      if (value !== undefined)
        yield { name, value, index: match.index + match[0].lastIndexOf(value) };
    }
  for (const match of text.matchAll(phrased)) {
    const { value = '' } = match.groups ?? {};
    yield { name: 'password', value, index: match.index + match[0].length - value.length };
  }
  if (text.includes('</') || text.includes('value="'))
    for (const match of text.matchAll(element)) {
      const { name, value, attribute, of } = match.groups ?? {};
      const written = value ?? of ?? '';
      yield {
        name: name ?? attribute ?? '',
        value: written,
        index: match.index + match[0].lastIndexOf(written),
      };
    }
}

/** Finds values with the name of a secret that look like a random key or a password. */
export function assignedSecrets(text: string, file: string): Hit[] {
  const found: Hit[] = [];
  for (const candidate of candidates(text, file))
    if (isSecret(candidate, { text, file }))
      found.push({ rule: 'assigned-secret', index: candidate.index, value: candidate.value });
  return found;
}
