/**
 * The text as one word of a command that people copy into a shell. A text with other characters
 * than letters, digits and `@ % + = : , . / _ -` is quoted, so that a shell does not run a part of
 * it.
 */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
