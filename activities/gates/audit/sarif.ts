import { z } from 'zod';
import type { AuditFinding, Severity } from '../../../domain/gates/audit.ts';
import { parseAs } from './parse.ts';
import { level, Properties, Reference, ruleOf, Tool, type Rule } from './sarif-rule.ts';

const Result = Reference.extend({
  level: level.optional(),
  kind: z.string().optional(),
  message: z.object({ text: z.string().optional() }).optional(),
  properties: Properties,
  suppressions: z.array(z.object({ status: z.string().optional() })).optional(),
  baselineState: z.enum(['new', 'unchanged', 'updated', 'absent']).optional(),
  locations: z
    .array(
      z.object({
        physicalLocation: z
          .object({
            artifactLocation: z.object({ uri: z.string().optional() }).optional(),
            region: z.object({ startLine: z.number().optional() }).optional(),
          })
          .optional(),
      }),
    )
    .optional(),
});
const Notifications = z.array(z.object({ level: level.optional() })).default([]);
const Invocation = z.object({
  executionSuccessful: z.boolean(),
  endTimeUtc: z.string().optional(),
  toolExecutionNotifications: Notifications,
  toolConfigurationNotifications: Notifications,
});
const Run = z.object({
  tool: Tool,
  /** Required, even if empty: a run that has no `results` did not scan. */
  results: z.array(Result),
  invocations: z.array(Invocation).optional(),
  versionControlProvenance: z.array(z.object({ revisionId: z.string().optional() })).optional(),
});
const Sarif = z.object({ version: z.literal('2.1.0'), runs: z.array(Run).min(1) });

type Run = z.infer<typeof Run>;
type Result = z.infer<typeof Result>;
export type ReadSarif = { findings: AuditFinding[]; sha: string | null; at: string | null };

/**
 * Reads a SARIF log. 'malformed' = the text is not a SARIF log. 'crashed' = the log says that the
 * tool failed.
 */
export function readSarif(text: string): ReadSarif | 'malformed' | 'crashed' {
  const log = parseAs(Sarif, text);
  if (!log) return 'malformed';
  const invocations = log.runs.flatMap((run) => run.invocations ?? []);
  if (invocations.some(hasCrashed)) return 'crashed';
  const shas = new Set(log.runs.map((run) => run.versionControlProvenance?.[0]?.revisionId));
  const [sha = null] = shas.size === 1 ? shas : [];
  const [at = null] = invocations.flatMap(({ endTimeUtc }) => endTimeUtc ?? []).toSorted();
  return { sha, at, findings: log.runs.flatMap(findingsOf) };
}

/**
 * True if the tool failed, or if it reported an error that stopped the analysis or made it
 * incomplete.
 */
const hasCrashed = (invocation: z.infer<typeof Invocation>) =>
  !invocation.executionSuccessful ||
  [invocation.toolExecutionNotifications, invocation.toolConfigurationNotifications]
    .flat()
    .some((notification) => notification.level === 'error');

const findingsOf = (run: Run): AuditFinding[] =>
  run.results.filter(isOpen).map((result) => {
    const found = ruleOf(run.tool, result);
    const rule = found === 'dangling' ? null : found;
    const id = result.ruleId ?? result.rule?.id ?? rule?.id ?? 'unnamed';
    const place = result.locations?.[0]?.physicalLocation;
    const file = place?.artifactLocation?.uri ?? run.tool.driver.name ?? 'the project';
    const line = place?.region?.startLine;
    const title = (result.message?.text ?? id).replaceAll(/\s+/g, ' ').slice(0, 160);
    const where = line === undefined ? file : `${file}:${line}`;
    return { id: idOf(id, file), severity: severityOf(result, found), title, where };
  });

/**
 * The id that a waiver names. It contains the rule and the file, but no line, because lines move.
 */
const idOf = (rule: string, file: string) =>
  `${rule}@${file}`.replaceAll(/[^\w.:/@+-]/g, '_').slice(0, 200);

const isOpen = ({ kind = 'fail', baselineState, suppressions = [] }: Result) =>
  !['pass', 'notApplicable', 'informational'].includes(kind) &&
  baselineState !== 'absent' &&
  (suppressions.length === 0 ||
    suppressions.some(({ status = 'accepted' }) => status !== 'accepted'));

const byLevel = { error: 'high', warning: 'moderate', note: 'low', none: 'info' } as const;

function severityOf(result: Result, found: Rule | 'dangling' | null): Severity {
  const rule = found === 'dangling' ? null : found;
  const given = result.properties?.['security-severity'] ?? rule?.properties?.['security-severity'];
  if (given !== undefined) return bySeverity(given);
  if (found === 'dangling') return 'unknown';
  return byLevel[result.level ?? rule?.defaultConfiguration?.level ?? 'warning'];
}

/** Returns the severity of a CVSS score, with the ranges that GitHub uses. */
function bySeverity(given: string | number): Severity {
  const score = String(given).trim() === '' ? Number.NaN : Number(given);
  if (!(score >= 0 && score <= 10)) return 'unknown';
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'moderate';
  return score > 0 ? 'low' : 'info';
}
