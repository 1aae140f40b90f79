import { readAuditReport } from '../audit/audit-report.ts';
import { readNpmReport } from '../audit/npm-report.ts';
import { readPipAudit } from '../audit/pip-audit.ts';
import { readSarif } from '../audit/sarif.ts';
import { readJunit, readJunits } from '../junit.ts';
import { unzip } from '../unzip.ts';

/** The readers of reports. Each reader is pure: it reads bytes or a text, and nothing else. */
const readers = {
  junit: (report: Uint8Array | string) => readJunit(textOf(report)),
  /** Reads every .xml file of a zip archive. */
  junitZip: async (zip: Uint8Array | string) => {
    const unzipped = await unzip(Buffer.from(zip as Uint8Array), '.xml');
    if ('why' in unzipped) return unzipped;
    return unzipped.texts.length > 0
      ? readJunits(unzipped.texts)
      : { why: 'it contains no .xml file' };
  },
  sarif: (report: Uint8Array | string) => readSarif(textOf(report)),
  npm: (report: Uint8Array | string) => readNpmReport(textOf(report)),
  pip: (report: Uint8Array | string) => readPipAudit(textOf(report)),
  audit: (report: Uint8Array | string) => readAuditReport(textOf(report)),
};

const textOf = (report: Uint8Array | string) =>
  typeof report === 'string' ? report : Buffer.from(report).toString('utf8');

export type ReportKind = keyof typeof readers;
export type ReportOf<Kind extends ReportKind> = Awaited<ReturnType<(typeof readers)[Kind]>>;

/**
 * The largest number of entries in a report. No real report has so many. The result of a larger
 * report would block the worker.
 */
const mostEntries = 200_000;

/** `tooMuch`: the reason, for people, why the report is not read. */
export type ReadReport<Kind extends ReportKind> = { report: ReportOf<Kind> } | { tooMuch: string };

export async function readReport<Kind extends ReportKind>(
  kind: Kind,
  bytes: Uint8Array | string,
): Promise<ReadReport<Kind>> {
  const report = (await readers[kind](bytes)) as ReportOf<Kind>;
  const entries = entriesIn(report);
  if (entries > mostEntries)
    return { tooMuch: `it has ${entries} entries, but at most ${mostEntries} are read` };
  return { report };
}

function entriesIn(report: unknown): number {
  const { names, findings } = (report ?? {}) as { names?: unknown[]; findings?: unknown[] };
  return (
    (Array.isArray(report) ? report.length : 0) + (names?.length ?? 0) + (findings?.length ?? 0)
  );
}
