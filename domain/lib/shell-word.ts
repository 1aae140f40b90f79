/**
 * Returns the text as one word of a command that people copy into a shell. Letters, digits and `@ %
 * + = : , . / _ -` need no quotes. A text with any other character is quoted, so that a shell does
 * not run a part of the text.
 */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
