import { z } from 'zod';
import type { AuditFinding } from '../../../domain/gates/audit.ts';
import { severities } from '../../../domain/gates/audit.ts';
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
        severity: z.enum(severities),
        title: z.string().min(1).max(300),
        where: z.string().min(1).max(300).default('the project'),
        status: z.enum(['open', 'fixed']).default('open'),
      }),
    )
    .max(1000),
});

export type ReadReport = { sha: string; at: string; auditor: string; findings: AuditFinding[] };

/**
 * Reads a report of a manual audit and returns its open findings; null = the text is not such a
 * report.
 */
export function readAuditReport(text: string): ReadReport | null {
  const report = parseAs(AuditReport, text);
  if (!report) return null;
  const { sha, date, auditor } = report;
  const open = report.findings.filter(({ status }) => status === 'open');
  const findings = open.map(({ id, severity, title, where }) => ({ id, severity, title, where }));
  return { sha, auditor, at: new Date(date).toISOString(), findings };
}
