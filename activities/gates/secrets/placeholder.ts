const words =
  /example|sample|placeholder|change.?me|replace|your[-_ ]|^your|x{4,}|\*{3,}|\.{3}|dummy|redacted|insert[-_ ]|^<|>$|\$\{|\$\(|\{\{|^\$[A-Z_]+$|^%[A-Z_]+%$|%s|process\.env|^env:|secrets\.|undefined|null$/i;

/** True if the value is a placeholder and not a real secret. */
export const isPlaceholder = (value: string) => words.test(value);

const obvious =
  /^(?:user|pw|pwd|secret|(?:some|my)?[-_a-z]{0,12}pass(?:word|wd)?|(?:some|my)(?:[-_]?(?:secret|token|key|pwd?))?|foo|bar|baz|test|root|postgres|mysql|redis|guest|admin|\w)$/i;

/** Matches //user:password@host. The password may contain unencoded @ and /. */
const withPassword = /\/\/(?<user>[^:@/\s]*):(?<password>\S+)@/;

/**
 * True if the password in a URL is no real secret: it is a placeholder from documentation, or a
 * usual password of a test server.
 */
export function isPlaceholderUrl(url: string): boolean {
  const { user, password } = withPassword.exec(url)?.groups ?? {};
  if (password === undefined) return false;
  return password === user || obvious.test(password) || isPlaceholder(password);
}
