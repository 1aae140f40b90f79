/**
 * Characters that a person cannot see, or that change the text around them: control characters,
 * line and paragraph separators, marks of the writing direction, zero-width characters, tags,
 * variation selectors, fillers, private characters, and halves of characters.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * Matches a joiner or a variation selector inside an emoji. Such a character is kept, because it
 * only chooses the picture. Examples: a family of several people, a red heart, and the key "1".
 */
const insideEmoji =
  /\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\uFE0F)?(?:\u200D\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\uFE0F)?)*|[0-9#*]\uFE0F\u20E3/gu;

const names: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Returns the code of a character, such as "\u202E" or "\u{E0041}". */
function codeOf(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
}

const escaped = (text: string) =>
  text.replaceAll(unseen, (character) => names[character] ?? codeOf(character));

/**
 * Makes a text from other people safe to show. Examples: a commit title, a name, a reason or a file
 * name. Every character that a person cannot see is replaced by its code, such as "\u202E". A line
 * break becomes the two characters "
 * ", so the text stays on one line. A second call changes nothing.
 */
export function visible(text: string): string {
  const parts: string[] = [];
  let end = 0;
  for (const { 0: emoji, index } of text.matchAll(insideEmoji)) {
    parts.push(escaped(text.slice(end, index)), emoji);
    end = index + emoji.length;
  }
  return [...parts, escaped(text.slice(end))].join('');
}

/**
 * Makes a text of Plimsoll safe to show if it contains texts from other people. Its line breaks are
 * kept.
 */
export const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n');
