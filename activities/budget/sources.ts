import { readNow, readOr } from '../lib/read-or.ts';
import type { Sums } from '../../domain/deploy/budget.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { Config } from '../../domain/config/config.ts';
import { cancellation } from '../lib/temporal-context.ts';
import type { Book } from '../ledger/budget-book.ts';
import { final, transient } from '../lib/fail.ts';
import type { SafeFetch } from '../lib/safe-fetch/safe-fetch.ts';
import { importCosts } from './import-costs.ts';
import { readSummary } from './read-summary.ts';

export type SourceDeps = {
  config: Pick<Config, 'budget'>;
  book: Book;
  fetch: SafeFetch;
  /** Returns the secret that a reference such as "env:NAME" names. */
  secret: (ref: string) => string;
};

/** `pending` is the number of lines in the cost files that are not completely written yet. */
export type Costs = { summary: Sums | null; pending: number; sourceErrors: string[] };

type Asked = {
  now: number;
  /** True: ask each source only once. A source without an answer then counts as an error. */
  urgent?: boolean;
};

/**
 * Reads every source of costs, and imports the cost files into the ledger. If a source can never be
 * read, adds the reason to `sourceErrors`. If a source does not answer now, throws a transient
 * failure. With `urgent`, adds this reason to `sourceErrors` too, and throws no failure.
 */
export async function readCosts(deps: SourceDeps, { now, urgent = false }: Asked): Promise<Costs> {
  const { config, book, fetch, secret } = deps;
  const { costs = [], summary } = config.budget ?? {};
  const read = urgent ? readNow : readOr;
  const sourceErrors: string[] = [];
  let pending = 0;
  for (const path of costs) pending += await read(sourceErrors, () => fromFile(book, path, now), 0);
  if (!summary) return { summary: null, pending, sourceErrors };
  const { url, token } = summary;
  const ask = async () => {
    const value = token === undefined ? null : secret(token);
    return readSummary(fetch, { url, token: value, now }, cancellation());
  };
  return { summary: await read(sourceErrors, ask, null), pending, sourceErrors };
}

async function fromFile(book: Book, path: string, now: number): Promise<number> {
  try {
    return await importCosts(book, path, now);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    if (Object.hasOwn(reasons, code)) throw unreadable(path, reasons[code] ?? code);
    throw transient(`${path} of "budget.costs" could not be read (${code}).`);
  }
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file. If nothing was spent, create an empty file',
  EACCES: "the worker's user may not read it",
  EISDIR: 'it is a directory',
};

const unreadable = (path: string, why: string) =>
  final(failures.misconfigured, `${path} of "budget.costs": ${why}. Check it: ls -l ${path}`);
