import { z } from 'zod';
import type { AuditFinding } from '../../../domain/gates/audit.ts';
import { severityIn } from '../../../domain/gates/audit.ts';
import { parseAs } from './parse.ts';

/** The report that a person or an agent writes after a manual audit. */
const AuditReport = z.strictObject({
  /** The commit that was audited. */
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  date: z.iso.datetime({ offset: true }),
  auditor: z.string().min(1).max(200),
  findings: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[A-Za-z0-9][\w.:/@-]{0,99}$/),
        /** If `severityIn` does not know the word, or there is no word, the severity is unknown. */
        severity: z.string().max(100).nullish(),
        title: z.string().min(1).max(300),
        where: z.string().min(1).max(300).default('the project'),
        /** The gate ignores a finding only if its status is "fixed". */
        status: z.string().max(100).nullish(),
      }),
    )
    .max(1000),
});

export type ReadReport = { sha: string; at: string; auditor: string; findings: AuditFinding[] };

/**
 * Reads a report of a manual audit. The result contains only the findings that are not fixed.
 * Returns null if the text is not such a report.
 */
export function readAuditReport(text: string): ReadReport | null {
  const report = parseAs(AuditReport, text);
  if (!report) return null;
  const { sha, date, auditor } = report;
  const open = report.findings.filter(({ status }) => status !== 'fixed');
  const findings = open.map(({ id, severity, title, where }) => ({
    ...{ id, title, where },
    severity: severityIn(severity),
  }));
  return { sha, auditor, at: new Date(date).toISOString(), findings };
}
