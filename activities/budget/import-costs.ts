import { createHash } from 'node:crypto';
import type { CostLine } from '../../domain/budget.ts';
import { readCostLine } from './cost-line.ts';
import type { Book } from '../ledger/budget-book.ts';
import { linesFrom, type FileLine } from './read-lines.ts';

const batch = 500;

/**
 * Takes into the ledger what a file of costs has more than it. A file is known by its first line, so one that
 * was renamed is the same file. Answers how many lines are being written still. Rejects as the file system
 * does, or the ledger.
 */
export async function importCosts(
  book: Pick<Book, 'addCosts' | 'lastCost'>,
  path: string,
  now: number,
): Promise<number> {
  const file = await identity(path);
  if (file === null) return 0;
  const last = await book.lastCost(file);
  const from = last && (await isThere(path, last)) ? last : null;
  const lines: CostLine[] = [];
  const take = () => book.addCosts(lines.splice(0));
  let number = from ? from.line - 1 : 0;
  let pending = 0;
  for await (const found of linesFrom(path, from?.startAt ?? 0)) {
    number += 1;
    if (!found.whole) pending = 1;
    else if (found.text.trim() !== '')
      lines.push({ ...lineOf(file, found), path, line: number, ...readCostLine(found.text, now) });
    if (lines.length >= batch) await take();
  }
  await take();
  return pending;
}

/** Another program may have emptied the file and begun it anew with the same line. */
async function isThere(path: string, { key, file, startAt }: CostLine): Promise<boolean> {
  for await (const found of linesFrom(path, startAt)) return lineOf(file, found).key === key;
  return false;
}

/** null: not even its first line is whole. */
async function identity(path: string): Promise<string | null> {
  for await (const { text, whole } of linesFrom(path, 0)) return whole ? digest(text) : null;
  return null;
}

const digest = (...parts: string[]) =>
  createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32);

const lineOf = (file: string, { startAt, text }: FileLine) => ({
  ...{ key: digest(file, String(startAt), text), file, startAt },
});
