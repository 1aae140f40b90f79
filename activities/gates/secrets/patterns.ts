/** Returns the source of a pattern that matches any of the words. */
export const oneOf = (words: string) => `(?:${words.trim().split(/\s+/).join('|')})`;

/** Returns a pattern of parts that follow each other, so that each part has a line of its own. */
export const inOrder = (flags: string, ...parts: string[]) => new RegExp(parts.join(''), flags);

/** Returns a pattern that matches any of the parts. */
export const anyOf = (flags: string, ...parts: string[]) => new RegExp(parts.join('|'), flags);
