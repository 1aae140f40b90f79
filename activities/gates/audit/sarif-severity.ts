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
 * Programs built on Microsoft's SARIF SDK. The SDK does not write a value that equals the default
 * of SARIF. So if the level is missing, the level is "warning".
 */
const leavesOutWarning = /^(binskim|devskim|microsoft devskim|template ?analyzer)$/i;

/**
 * OSV-Scanner writes "warning" for every result (google/osv-scanner#2981). Only
 * `security-severity` contains the real severity.
 */
const writesOneLevel = /^osv-scanner$/i;

/** The tool uses these kinds if a person must judge. SARIF requires the level "none" for them. */
const undecided = new Set(['open', 'review']);

/**
 * Returns the severity of a result from its score. Without a score, returns the severity from the
 * level. Without a usable score or level, returns 'unknown'. In SARIF, a missing level means
 * "warning". Plimsoll does not use this default, because tools without severities write no level.
 * For example, Gitleaks writes no level for a secret. `override`: the level that this run of the
 * tool set for the rule.
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
 * Returns the severity of a CVSS score, with the ranges that GitHub uses. Trivy, Checkov and other
 * tools write 0.0 for a finding of unknown severity.
 */
function bySeverity(given: string | number): Severity {
  const score = String(given).trim() === '' ? Number.NaN : Number(given);
  if (!(score > 0 && score <= 10)) return 'unknown';
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  return score >= 4 ? 'moderate' : 'low';
}
