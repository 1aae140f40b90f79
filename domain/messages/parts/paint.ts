/** Functions that add ANSI colours to a text, or return the text unchanged. */
export type Paint = Record<'bold' | 'dim' | 'good' | 'bad' | 'warn', (text: string) => string>;

const style = (on: boolean, open: number, close: number) => (text: string) =>
  on && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text;

export const createPaint = (color: boolean): Paint => ({
  bold: style(color, 1, 22),
  dim: style(color, 2, 22),
  good: style(color, 32, 39),
  bad: style(color, 31, 39),
  warn: style(color, 33, 39),
});
