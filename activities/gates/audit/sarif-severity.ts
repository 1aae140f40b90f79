import type { Severity } from '../../../domain/gates/audit.ts';
import type { Rule } from './sarif-rule.ts';

type Result = {
  kind?: string | undefined;
  level?: string | undefined;
  properties?: Rule['properties'];
};

const byLevel = new Map<string, Severity>([
  ['error', 'high'],
  ['warning', 'moderate'],
  ['recommendation', 'low'],
  ['note', 'low'],
  ['none', 'info'],
]);

/**
 * Programs built on Microsoft's SARIF SDK. The SDK leaves out every value that equals the default
 * of SARIF, so no level means "warning".
 */
const leavesOutWarning = /^(binskim|devskim|microsoft devskim|template ?analyzer)$/i;

/**
 * OSV-Scanner writes "warning" for every result (google/osv-scanner#2981). Only `security-severity`
 * says how bad a result is.
 */
const writesOneLevel = /^osv-scanner$/i;

/** With these kinds the tool asks a person to judge, and SARIF then asks for the level "none". */
const undecided = new Set(['open', 'review']);

/**
 * Returns the severity of a result: by its score, else by its level. 'unknown' = the log does not
 * say how bad the result is. SARIF has the default "warning" for a level that is left out, but
 * programs without severities leave out every level, such as Gitleaks for a secret. `override`: the
 * level that this run of the tool gave the rule.
 */
export function severityOf(
  tool: string | undefined,
  result: Result,
  found: Rule | 'dangling' | null,
  override?: string,
): Severity {
  const rule = found === 'dangling' ? null : found;
  const given = result.properties?.['security-severity'] ?? rule?.properties?.['security-severity'];
  if (given !== undefined) return bySeverity(given);
  if (found === 'dangling' || writesOneLevel.test(tool ?? '')) return 'unknown';
  const level =
    (undecided.has(result.kind ?? '') && result.level === 'none' ? 'unknown' : result.level) ??
    override ??
    rule?.defaultConfiguration?.level ??
    rule?.properties?.['problem.severity'] ??
    (leavesOutWarning.test(tool ?? '') ? 'warning' : 'unknown');
  return byLevel.get(level.toLowerCase()) ?? 'unknown';
}

/**
 * Returns the severity of a CVSS score, with the ranges that GitHub uses. Trivy, Checkov and others
 * write 0.0 for a finding whose severity they do not know.
 */
function bySeverity(given: string | number): Severity {
  const score = String(given).trim() === '' ? Number.NaN : Number(given);
  if (!(score > 0 && score <= 10)) return 'unknown';
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  return score >= 4 ? 'moderate' : 'low';
}
