import { basename } from 'node:path';
import { isDocumentation, isObvious, isPlaceholder } from './placeholder.ts';
import { anyOf, oneOf } from './patterns.ts';

/** Hashes of passwords, as crypt, databases and frameworks write them. */
const hash = anyOf(
  'i',
  String.raw`^\$(?:\d[a-z]?|sha\d+|y|gy|apr1|argon2\w*|scrypt|pbkdf2[\w-]*|bcrypt\w*|s0|P|H|S|NT|wp)\$`,
  String.raw`^(?:bcrypt|scrypt|argon2\w*|pbkdf2\w*|crypt|sha\d+|md5|hmac|SCRAM-SHA-\d+)[$:_-]`,
  String.raw`^\{[A-Z0-9.-]+\}|^[\w-]*pbkdf2[\w-]*\$|^\*[0-9A-F]{40}$|^grub\.pbkdf2|^sha256~?:`,
  // PostgreSQL, Tomcat, ASP.NET, and base64 of bcrypt, argon2, crypt and apr1, as Caddy writes them
  String.raw`^md5[0-9a-f]{32}$|^[0-9a-f]{16,}\$\d+\$[0-9a-f]{40,}$|^AQAAAA[EI]AA[CY][a-zA-Z0-9]`,
  '^JDJ[hi5]JD|^JD[YU]k|^JGFyZ29u|^JGFwcjEk',
);

/** Compose files write each $ twice. Shells need a backslash before each $. */
const dollars = /\$\$|\\\$/g;
const user = /^[\w.@+-]{1,60}:/;

/**
 * Names of values that belong to a hash: the salt, and the keys of SCRAM. Nobody can log in with
 * these values.
 */
const besideHash = /(?:salt|nonce|stored_?key|server_?key)$/i;
const hashing = /iterat|hash|digest|pbkdf2|scram|argon2|scrypt|bcrypt/i;

/** True if the value is the salt or the verifier of a hash in the same text. */
export const isOfHash = (text: string, index: number, name: string) =>
  besideHash.test(name) && hashing.test(around(text, index));

/** Ciphertexts: sealed secrets, SOPS, dotenvx, Vault, KMS of AWS and Google, Fernet, JWE. */
const ciphertext = anyOf(
  '',
  String.raw`^(?:ENC\[|ENC\(|\{cipher\}|encrypted:|enc:|vault:v\d|\$ANSIBLE_VAULT|!vault|secure:)`,
  String.raw`^v\d:[A-Za-z0-9+/]{12,}[=:]`,
  '^Ag[A-D][A-Za-z0-9+/]{60,}|^Ci[QUM]A[A-Za-z0-9+/_-]{40,}|^AQ[IE][CD]A[HQ][A-Za-z0-9+/]{40,}',
  '^AYADe|^gAAAAA[A-Za-z0-9_-]{60,}|^U2FsdGVkX1|^jA0E[A-Z]|^hQ[EIM][MOS]A|^YWdlLWVuY3J5cHRpb24',
  String.raw`^eyJ[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+$|^eyJ(?:jdCI|pdiI|kYXRhIjoi)`,
);

/** True if the value is a hash. The name of a user may stand before the hash. */
export function isHash(value: string): boolean {
  const plain = value.replaceAll(dollars, '$');
  return hash.test(plain) || hash.test(plain.replace(user, ''));
}

const ofHash =
  /hash|digest|checksum|fingerprint|thumbprint|integrity|encrypt(?:ed)|cipher|sealed|sha\d/i;
const ofCiphertextFile = /\.(?:sops|enc|sealed|age|gpg|asc|eyaml)\.|\.(?:sops|enc|eyaml)$|sealed/i;

/**
 * True if the value is a hash or a ciphertext. Nobody can use such a value without another secret.
 */
export const isSealed = (name: string, value: string, file: string) =>
  isHash(value) || ciphertext.test(value) || ofHash.test(name) || ofCiphertextFile.test(file);

/**
 * True if the value is base64 of a placeholder. Examples of Kubernetes secrets and of basic auth
 * contain such values.
 */
export function isVeiledPlaceholder(value: string): boolean {
  if (!/^[A-Za-z0-9+/]{8,}={0,2}$/.test(value) || value.length % 4 !== 0) return false;
  const text = Buffer.from(value, 'base64').toString('latin1').trim();
  if (!/^[ -~]+$/.test(text)) return false;
  const [user, ...rest] = text.split(':');
  const password = rest.join(':');
  return [text, password].some((one) => isObvious(one) || isPlaceholder(one)) || user === password;
}

const languages = oneOf(`
  af ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fil fr ga gl he hi hr hu hy id is it
  ja ka kk km ko lt lv mk ml mr ms nb nl nn no pl pt ro ru si sk sl sq sr sv sw ta te th tl tr uk
  ur uz vi zh`);
const languageFolders = oneOf(
  'locales? langs? languages? i18n l10n translations? intl messages nls',
);
const locale = anyOf(
  '',
  String.raw`(?:^|[/\\])${languageFolders}[/\\]`,
  String.raw`(?:^|[/\\._-])${languages}(?:[-_][A-Z][a-z]{3})?(?:[-_][A-Za-z]{2})?` +
    String.raw`(?:[-.][\w-]{8,10})?\.(?:json|ya?ml|ts|js|php|properties|po|strings|xml)$`,
  String.raw`\.(?:po|pot|arb|ftl|strings|xlf|xliff|resx)$`,
);

/** True for a file that contains translations. */
export const isLocale = (file: string) => locale.test(file);

const testFolders = oneOf(`
  tests? specs? testdata test-?data testing fixtures? mocks? stubs? examples? samples? demos? docs?
  documentation e2e cypress playwright bench(?:es|marks?)? stories seeds? integration playground`);
const test = anyOf(
  'i',
  String.raw`(?:^|[/\\])(?:__)?${testFolders}(?:__)?[/\\]`,
  String.raw`[._-](?:tests?|spec|e2e|stories|mock|fixture)s?\.\w+$|(?:^|[/\\])test_\w+\.py$`,
  String.raw`(?:Test|Tests|Spec|IT)\.(?:java|kt|cs|php|swift|scala)$`,
);

/**
 * True for tests, examples and documentation. People invent the passwords in these files, so the
 * passwords protect nothing.
 */
export const isTestOrDocumentation = (file: string) =>
  test.test(file) ||
  isDocumentation(file) ||
  /^(?:readme|changelog|changes|history|security|contributing)\b/i.test(basename(file));

const browserName = new RegExp(
  oneOf(`
    public publishable anon csrf xsrf recaptcha hcaptcha turnstile site_?key write_?key
    search_?(?:only_?)?(?:api_?)?key browser_?key client_?token push_?key vapid`),
  'i',
);
const publicPrefix = oneOf('NEXT_PUBLIC VITE REACT_APP EXPO_PUBLIC NUXT_PUBLIC GATSBY PUBLIC');
const browserConfig = anyOf(
  '',
  String.raw`authDomain|messagingSenderId|storageBucket|firebaseapp\.com|measurementId`,
  String.raw`maps\.googleapis\.com/maps|maps/api/js|current_key|GCM_SENDER_ID|mobilesdk_app_id`,
  String.raw`${publicPrefix}_\w*\W{0,6}$|firebase\w*[cC]onfig`,
);
const searchConfig = /algolia|docsearch|appId|applicationId|indexName/i;
/** Services that collect errors and visits. Their keys are in the code of web pages, so they are public. */
const reporterCall = /(?:bugsnag|mixpanel|amplitude|datadogRum|logrocket)\b[^;]*$/i;
const reporterConfig = /^[^;]*captureUn(?:caught|handledRejections)/;

/** True if the name says that the value is for browsers. Everybody may read such a value. */
export const isPublicName = (name: string) => browserName.test(name);

const wide = 300;
const around = (text: string, index: number) => text.slice(Math.max(0, index - wide), index + wide);

/**
 * True for Google's API key in the configuration of a web or mobile app. Every visitor gets this
 * key. Google limits which apps may use the key.
 */
export const isBrowserKey = (text: string, index: number, file: string) =>
  browserConfig.test(text.slice(Math.max(0, index - wide), index)) ||
  browserConfig.test(around(text, index)) ||
  /google-services\.json$|GoogleService-Info\.plist$/.test(file);

/** True for Algolia's search key, which every visitor of a site gets. */
export const isSearchKey = (text: string, index: number, name: string, value: string) =>
  /^[0-9a-f]{32}$/.test(value) &&
  /api_?key|search/i.test(name) &&
  !/admin|write|secret|monitor/i.test(name) &&
  searchConfig.test(around(text, index));

/** True for the key with which a page in a browser reports errors or visits. */
export const isReporterKey = (text: string, index: number, name: string, value: string) =>
  /^[0-9a-f]{32}$/.test(value) &&
  !/server|secret|admin/i.test(name) &&
  (reporterCall.test(text.slice(Math.max(0, index - near), index)) ||
    reporterConfig.test(text.slice(index, index + near)));
const near = 120;
