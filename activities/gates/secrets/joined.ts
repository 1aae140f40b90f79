import type { Hit } from './hit.ts';

/**
 * Matches a seam: the characters that divide a text into two lines or two literals. A seam is a
 * backslash at the end of a line, or the quotes between two strings that a program joins.
 */
const seams =
  /\\\r?\n[ \t]*|["'`][ \t]*(?:[+.&][ \t]*(?:\r?\n[ \t]*)?|\r?\n[ \t]*(?:[+.&][ \t]*)?)["'`]/g;
/** Matches a block of YAML whose lines a program joins. */
const folded =
  /^(?<indent>[ \t]*)\S[^\n]*:[ \t]*[>|][+-]?\d?[ \t]*\r?\n(?<lines>(?:\k<indent>[ \t]+\S[^\n]*\n?){2,40})/gm;
const lineEnd = /\r?\n[ \t]+/g;

type Piece = { from: number; to: number };

function* seamsIn(text: string): Generator<Piece> {
  for (const { index, 0: seam } of text.matchAll(seams))
    yield { from: index, to: index + seam.length };
  for (const match of text.matchAll(folded)) {
    const lines = match.groups?.['lines'] ?? '';
    const start = match.index + match[0].length - lines.length;
    for (const { index, 0: end } of lines.trimEnd().matchAll(lineEnd))
      yield { from: start + index, to: start + index + end.length };
  }
}

/**
 * Searches the text without its seams, so that a secret in two parts is found. Returns only secrets
 * that contain a seam. Each position is a position in `text`.
 */
export function joinedHits(text: string, find: (joined: string) => Hit[]): Hit[] {
  const pieces = [...seamsIn(text)].toSorted((a, b) => a.from - b.from);
  if (pieces.length === 0) return [];
  let joined = '';
  let at = 0;
  /** For each seam, its position in `joined` and the number of characters that were left out. */
  const cuts: { at: number; left: number }[] = [];
  for (const { from, to } of pieces) {
    if (from < at) continue;
    joined += text.slice(at, from);
    cuts.push({ at: joined.length, left: to - joined.length });
    at = to;
  }
  joined += text.slice(at);
  return find(joined).flatMap((hit) => {
    const end = hit.index + hit.value.length;
    if (!cuts.some((cut) => cut.at > hit.index && cut.at < end)) return [];
    const before = cuts.findLast((cut) => cut.at <= hit.index);
    return [{ ...hit, index: hit.index + (before?.left ?? 0) }];
  });
}

/** Matches base64 of at least 18 bytes. */
const run = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,}={0,2}/g;
const longest = 64 * 1024;
const headLength = 16;
const isPrintable = /^[\t\n\r -~]+$/;

/** Searches the texts that are written in base64. Returns each secret with its whole base64 text. */
export function decodedHits(text: string, find: (decoded: string) => Hit[]): Hit[] {
  const hits: Hit[] = [];
  for (const { index, 0: value } of text.matchAll(run)) {
    const head = Buffer.from(value.slice(0, headLength), 'base64').toString('latin1');
    if (value.length > longest || !isPrintable.test(head)) continue;
    const [found] = find(Buffer.from(value, 'base64').toString('latin1'));
    if (found) hits.push({ rule: found.rule, index, value });
  }
  return hits;
}
