import { z } from 'zod';
import type { AuditFinding } from '../../../domain/gates/audit.ts';
import { severityIn } from '../../../domain/gates/audit.ts';
import { parseAs } from './parse.ts';

const severity = z.string();
const Advisory = z.object({
  source: z.union([z.number(), z.string()]).optional(),
  name: z.string(),
  title: z.string().default('no title'),
  url: z.string().default(''),
  severity,
});
const Report = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    z.string(),
    z.object({ severity, via: z.array(z.union([z.string(), Advisory])) }),
  ),
  metadata: z.object({
    vulnerabilities: z.object({ total: z.number() }),
    dependencies: z.object({ total: z.number() }),
  }),
});
const Problem = z.object({
  message: z.string().optional(),
  statusCode: z.number().optional(),
  error: z.object({ code: z.string().nullish(), summary: z.string().nullish() }),
});

/** `why`: the reason why npm audit failed. `again`: true if a retry may succeed. */
export type NpmReport = { findings: AuditFinding[] } | { why: string; again: boolean };

export function readNpmReport(text: string): NpmReport {
  const report = parseAs(Report, text);
  if (!report) return problemIn(text);
  const { vulnerabilities, metadata } = report;
  const named = Object.entries(vulnerabilities);
  if (named.length !== metadata.vulnerabilities.total) return malformed;
  const findings = named.flatMap(([, { via }]) => via.flatMap(findingOf));
  if (named.length > 0 && findings.length === 0) return malformed;
  return { findings };
}

const malformed = { why: 'npm audit answered in an unknown form', again: false };

const findingOf = (via: string | z.infer<typeof Advisory>): AuditFinding[] => {
  if (typeof via === 'string') return [];
  const ghsa = /GHSA(?:-[0-9a-z]{4}){3}/.exec(via.url)?.[0];
  const id = ghsa ?? `npm-${via.source ?? via.name}`;
  return [
    { id, severity: severityIn(via.severity), title: via.title.slice(0, 160), where: via.name },
  ];
};

function problemIn(text: string): NpmReport {
  const problem = parseAs(Problem, text);
  if (!problem) return malformed;
  const { statusCode = 0, error } = problem;
  const code = statusCode > 0 ? String(statusCode) : (error.code ?? 'no answer');
  const why = `the registry gave npm audit no answer (${code})`;
  const refused = statusCode >= 400 && statusCode < 500 && statusCode !== 429;
  return { why, again: !refused && !(error.code ?? '').startsWith('ELOCK') };
}
