import type { Sums } from '../../domain/budget.ts';
import { failures } from '../../domain/failures.ts';
import type { Config } from '../../domain/schema.ts';
import { readNow, readOr } from '../gates/report.ts';
import { cancellation } from '../git/pulse.ts';
import type { Book } from '../ledger/budget-book.ts';
import { final, transient } from '../lib/fail.ts';
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

type Asked = {
  now: number;
  /** What does not answer is an error at once, and is not asked again. */
  urgent?: boolean;
};

/** Everything that tells what was spent, the files taken into the ledger. Transient: something did not answer. */
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
  ENOENT: 'there is no such file; one that is empty says that nothing was spent',
  EACCES: "the worker's user may not read it",
  EISDIR: 'it is a directory',
};

const unreadable = (path: string, why: string) =>
  final(failures.misconfigured, `${path} of "budget.costs": ${why}. Look at it: ls -l ${path}`);
