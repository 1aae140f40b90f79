/** Returns the entropy of a text in bits per character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => {
    const share = count / text.length;
    return sum - share * Math.log2(share);
  }, 0);
}

/** Returns the number of different characters. */
export const distinct = (text: string) => new Set(text).size;

/**
 * Returns the kind of a character: 'A' (capital letter), 'a' (other letter), '0' (digit), '!'
 * (special character) or '.' (any other sign, such as - and _). Letters of all languages count.
 */
function kindOf(letter: string): string {
  if (/\p{Lu}/u.test(letter)) return 'A';
  if (/[\p{L}\p{M}]/u.test(letter)) return 'a';
  if (/\d/.test(letter)) return '0';
  return /[!@#$%^&*+=?~|;<>]/.test(letter) ? '!' : '.';
}

/**
 * Returns the share (0 to 1) of neighbouring characters that are of different kinds. The share is
 * small in words and names, and large in random text.
 */
function changes(text: string): number {
  const kinds = Array.from(text, kindOf).filter((kind) => kind !== '.' && kind !== '!');
  const changed = kinds.filter((kind, at) => at > 0 && kind !== kinds[at - 1]).length;
  return changed / Math.max(1, kinds.length - 1);
}

const isUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const isHex = /^[0-9a-f]+$/i;

/**
 * True if a random generator probably made the text. `sure`: true if the name of the value says
 * that the value is secret. In this case, less randomness is enough.
 */
export function looksDrawn(text: string, { sure }: { sure: boolean }): boolean {
  if (isUuid.test(text)) return true;
  if (isHex.test(text)) return text.length >= 32 && entropy(text) >= 3 && /[a-f]/i.test(text);
  if (entropy(text) < (sure ? 3 : 3.5)) return false;
  const often = changes(text);
  if (/\d/.test(text)) return often >= (sure ? 0.2 : 0.25);
  return /[A-Z]{2}/.test(text) && often >= (sure ? 0.25 : 0.4);
}

/**
 * True if the text looks like a password that a person chose. Such a text has at least three of the
 * kinds that many sites require: small letters, capitals, digits and special characters.
 */
export const looksChosen = (text: string) =>
  new Set(Array.from(text, kindOf).filter((kind) => kind !== '.')).size >= 3 &&
  entropy(text) >= 2.5;
