import { anyOf, oneOf } from './patterns.ts';

const words = anyOf(
  'i',
  'example|sample|placeholder|change.?(?:me|this|it)|replace|your[-_ ]|^your',
  'dummy|redacted|insert[-_ ]',
  String.raw`(?:^|[-_ ])(?:todo|fixme|fake|mock|not[-_ ]?a[-_ ]?real|fill[-_ ]?in)(?:[-_ ]|$)`,
  String.raw`(?<![a-z0-9])x{4,}|x{6,}|\*{3,}|#{4,}|0{8,}|\.{3}|…`,
  String.raw`^<[^<>]*>?$|^\[.*\]?$|^\{.*\}?$|^__\w+(?:__)?$|^@[A-Z_]+@$`,
  String.raw`\$\{|\$\(|\{\{|#\{|^\$[A-Za-z_]\w*$|^%[A-Za-z_]\w*%$|%s|%\(`,
  String.raw`process\.env|^env:|secrets\.|undefined|null$`,
);

/** Matches a sequence that people type, such as 12345678 or abcdefgh. */
const typed = /01234567|12345678|abcdefgh|qwertyui|deadbeef|foobar|aaaaaaa|1111111/i;

const fewestInSequence = 12;

/**
 * True if the longest word of the value follows the alphabet or the digits, as in abc123def456 and
 * a1b2c3d4e5f6. In such a word, most characters follow the character one or two places before. A
 * random generator does not make such a word.
 */
export function isSequence(value: string): boolean {
  const [word = ''] = (value.match(/[A-Za-z0-9]+/g) ?? []).toSorted((a, b) => b.length - a.length);
  if (word.length < fewestInSequence) return false;
  const codes = Array.from(word.toLowerCase(), (letter) => letter.charCodeAt(0));
  const follows = (by: number) => codes.filter((code, at) => code - 1 === codes[at - by]).length;
  return Math.max(follows(1), follows(2)) / word.length >= 0.6;
}

/** Matches the names of documentation files, and of files that people copy and fill in. */
const shown = anyOf(
  'i',
  String.raw`\.(?:mdx?|markdown|rst|adoc|html?|tex|po|pot|example|sample|template|tmpl|dist|tpl)$`,
  String.raw`\.(?:example|sample|template|dist)\.\w+$`,
);

export const isDocumentation = (file: string) => shown.test(file);

/**
 * True if the value is a placeholder and not a real secret. If `file` is documentation, a sequence
 * such as 12345678 also marks a placeholder.
 */
export const isPlaceholder = (value: string, file = '') =>
  words.test(value) || (isDocumentation(file) && typed.test(value));

/** Words of usual test passwords. Digits and signs may follow each word. */
const usual = oneOf(String.raw`
  my some the your our very super strong strongest new old current wrong bad good valid invalid
  correct incorrect unsafe insecure secure long short simple random some this not is a an of for and to
  test(?:ing)? demo dev local prod user(?:name)? admin(?:istrator)? root guest client server service
  app db database smtp mail email api auth access refresh login hunter letmein welcome hello world
  foo bar baz qux abc(?:d(?:ef)?)? xyz asdf qwerty monkey default initial temp fake mock stub none
  empty postgres(?:ql)? mysql mariadb mongo(?:db)? redis rabbitmq mssql sa minio keycloak
  elastic(?:search)? s[e3]cr[e3]t token key value string pwd? hash code jwt here this that it in
  with p[a@4][s5$]{2}(?:w[o0]?r?d|wort|phrase|code)? must be please go do no on set me`);
const obvious = new RegExp(String.raw`^(?:${usual}[-_. @#!$%^&*+=?~\d]*)+$`, 'i');
const isLetter = /^\w$/;
/** Matches an invented password that ends with "password", for example SaSecurePassword1. */
const ofWords = /^[a-z]*p[a@][s$]{2}w[o0]rd\d{0,3}[!.?#$]{0,2}$/i;

/**
 * True if the value is one character, or a usual password of a test server, such as "Passw0rd!".
 */
export const isObvious = (value: string) =>
  isLetter.test(value) || ofWords.test(value) || (value.length < 64 && obvious.test(value));

/** Matches //user:password@host. The password may contain unencoded @ and /. */
const withPassword = /\/\/(?<user>[^:@/\s]*):(?<password>\S+)@/;

/**
 * True if the password in a URL is a placeholder, equals the user name, or is a usual password of a
 * test server. Such a password is not a real secret.
 */
export function isPlaceholderUrl(url: string): boolean {
  const { user, password } = withPassword.exec(url)?.groups ?? {};
  if (password === undefined) return false;
  return password === user || isObvious(password) || isPlaceholder(password);
}
