import type { Sums } from '../../domain/budget.ts';
import { failures } from '../../domain/failures.ts';
import type { Config } from '../../domain/schema.ts';
import { readOr } from '../gates/report.ts';
import { cancellation } from '../git/pulse.ts';
import type { Book } from '../ledger/budget-book.ts';
import { final } from '../lib/fail.ts';
import type { SafeFetch } from '../safe-fetch.ts';
import { importCosts } from './import-costs.ts';
import { readSummary } from './read-summary.ts';

export type SourceDeps = {
  config: Pick<Config, 'budget'>;
  book: Book;
  fetch: SafeFetch;
  /** Resolves "env:NAME". */
  secret: (ref: string) => string;
};

/** `pending`: lines that are being written. */
export type Costs = { summary: Sums | null; pending: number; sourceErrors: string[] };

/** Everything that tells what was spent, the files taken into the ledger. Transient: something did not answer. */
export async function readCosts(deps: SourceDeps, now: number): Promise<Costs> {
  const { config, book, fetch, secret } = deps;
  const { costs = [], summary } = config.budget ?? {};
  const sourceErrors: string[] = [];
  let pending = 0;
  for (const path of costs)
    pending += await readOr(sourceErrors, () => fromFile(book, path, now), 0);
  if (!summary) return { summary: null, pending, sourceErrors };
  const token = summary.token === undefined ? null : secret(summary.token);
  const ask = () => readSummary(fetch, { url: summary.url, token, now }, cancellation());
  return { summary: await readOr(sourceErrors, ask, null), pending, sourceErrors };
}

async function fromFile(book: Book, path: string, now: number): Promise<number> {
  try {
    return await importCosts(book, path, now);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (Object.hasOwn(reasons, code)) throw unreadable(path, reasons[code] ?? code);
    throw cause;
  }
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file; one that is empty says that nothing was spent',
  EACCES: "the worker's user may not read it",
  EISDIR: 'it is a directory',
};

const unreadable = (path: string, why: string) =>
  final(failures.misconfigured, `${path} of "budget.costs": ${why}. Look at it: ls -l ${path}`);
