import { createHash } from 'node:crypto';
import type { CostLine } from '../../domain/deploy/budget.ts';
import { readCostLine } from './cost-line.ts';
import type { Book } from '../ledger/budget-book.ts';
import { linesFrom, type FileLine } from './read-lines.ts';

const batch = 500;

/**
 * Reads the new lines of a cost file into the ledger. A file is identified by its first line, so
 * the lines of a renamed file are not imported again. Returns 1 if the last line is not finished
 * yet, else 0. Rejects with the errors of the file system or the ledger.
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

/**
 * True if the file still contains the last imported line at the same position. The result is false,
 * for example, if another program emptied the file and then wrote the same first line.
 */
async function isThere(path: string, { key, file, startAt }: CostLine): Promise<boolean> {
  for await (const found of linesFrom(path, startAt)) return lineOf(file, found).key === key;
  return false;
}

/**
 * Returns the hash of the first line, which identifies the file. null means that the first line is
 * not finished yet.
 */
async function identity(path: string): Promise<string | null> {
  for await (const { text, whole } of linesFrom(path, 0)) return whole ? digest(text) : null;
  return null;
}

const digest = (...parts: string[]) =>
  createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32);

const lineOf = (file: string, { startAt, text }: FileLine) => ({
  ...{ key: digest(file, String(startAt), text), file, startAt },
});
