/** Returns the source of a pattern that matches any of the words. */
export const oneOf = (words: string) => `(?:${words.trim().split(/\s+/).join('|')})`;

/** Returns a pattern that matches the parts one after the other. */
export const inOrder = (flags: string, ...parts: string[]) => new RegExp(parts.join(''), flags);

/** Returns a pattern that matches any of the parts. */
export const anyOf = (flags: string, ...parts: string[]) => new RegExp(parts.join('|'), flags);
