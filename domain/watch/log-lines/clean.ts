import { rules } from './rules.ts';

const prefix = new RegExp(rules.prefix);
const ansi = new RegExp(rules.ansi, 'g');
const byteOrderMark = /^(\uFEFF|\u00EF\u00BB\u00BF)/;
/** Characters that draw boxes around a text, in UTF-16 or as bytes of UTF-8. */
const boxes = /[\u2500-\u257f]|\u00e2[\u0094\u0095][\u0080-\u00bf]/g;
// oxlint-disable-next-line no-control-regex -- these characters are counted and replaced
const controls = /[\u0001-\u0008\u000a-\u001f\u007f]/g;

/**
 * Removes colours and the prefix of pm2. Replaces boxes and control characters by blanks. `unread`
 * is true if the line is not text.
 */
export function clean(line: string): { text: string; unread: boolean } {
  const plain = line.replaceAll('\0', '').replace(byteOrderMark, '').replaceAll(ansi, '');
  const whole = plain.replace(prefix, '').replaceAll(boxes, ' ').replace(/\r+$/, '');
  const found = whole.match(controls)?.length ?? 0;
  return { text: whole.replaceAll(controls, ' '), unread: found * 5 > whole.length };
}
