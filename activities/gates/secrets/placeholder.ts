const words =
  /example|sample|placeholder|change.?me|replace|your[-_ ]|^your|x{4,}|\*{3,}|\.{3}|dummy|redacted|insert[-_ ]|^<|>$|\$\{|\$\(|\{\{|^\$[A-Z_]+$|^%[A-Z_]+%$|%s|process\.env|^env:|secrets\.|undefined|null$/i;

/** Stands where a value belongs: nobody's secret. */
export const isPlaceholder = (value: string) => words.test(value);

const obvious =
  /^(?:user|pass(?:word|wd)?|pw|pwd|secret|some\w*|my\w*|foo|bar|baz|test|root|postgres|mysql|redis|guest|admin|\w)$/i;

/** user:password@host of documentation and of throw-away servers. */
export function isPlaceholderUrl(url: string): boolean {
  const [, user = '', password = ''] = /\/\/([^:@/\s]*):([^@/\s]+)@/.exec(url) ?? [];
  return password === user || obvious.test(password) || isPlaceholder(password);
}
