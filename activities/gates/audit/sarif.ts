import { z } from 'zod';
import type { AuditFinding, Severity } from '../../../domain/policy/audit.ts';
import { parseAs } from './parse.ts';

const level = z.enum(['none', 'note', 'warning', 'error']);
const Properties = z
  .object({ 'security-severity': z.union([z.string(), z.number()]).optional() })
  .optional();
const Rule = z.object({
  id: z.string(),
  properties: Properties,
  defaultConfiguration: z.object({ level: level.optional() }).optional(),
});
const Component = z.object({ name: z.string().optional(), rules: z.array(Rule).optional() });
const Result = z.object({
  ruleId: z.string().optional(),
  ruleIndex: z.number().int().optional(),
  rule: z.object({ id: z.string().optional(), index: z.number().int().optional() }).optional(),
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
const Run = z.object({
  tool: z.object({ driver: Component, extensions: z.array(Component).optional() }),
  /** Absent: the tool did not look. */
  results: z.array(Result),
  invocations: z
    .array(z.object({ executionSuccessful: z.boolean(), endTimeUtc: z.string().optional() }))
    .optional(),
  versionControlProvenance: z.array(z.object({ revisionId: z.string().optional() })).optional(),
});
const Sarif = z.object({ version: z.literal('2.1.0'), runs: z.array(Run).min(1) });

type Run = z.infer<typeof Run>;
type Result = z.infer<typeof Result>;
export type ReadSarif = { findings: AuditFinding[]; sha: string | null; at: string | null };

/** 'malformed', or 'crashed': a run says of itself that it did not end well. */
export function readSarif(text: string): ReadSarif | 'malformed' | 'crashed' {
  const log = parseAs(Sarif, text);
  if (!log) return 'malformed';
  const invocations = log.runs.flatMap((run) => run.invocations ?? []);
  if (invocations.some(({ executionSuccessful }) => !executionSuccessful)) return 'crashed';
  const shas = new Set(log.runs.map((run) => run.versionControlProvenance?.[0]?.revisionId));
  const [sha = null] = shas.size === 1 ? shas : [];
  const [at = null] = invocations.flatMap(({ endTimeUtc }) => endTimeUtc ?? []).toSorted();
  return { sha, at, findings: log.runs.flatMap(findingsOf) };
}

const findingsOf = (run: Run): AuditFinding[] =>
  run.results.filter(isOpen).map((result) => {
    const rule = ruleOf(run, result);
    const id = rule?.id ?? result.ruleId ?? result.rule?.id ?? 'unnamed';
    const place = result.locations?.[0]?.physicalLocation;
    const file = place?.artifactLocation?.uri ?? run.tool.driver.name ?? 'the project';
    const line = place?.region?.startLine;
    const title = (result.message?.text ?? id).replaceAll(/\s+/g, ' ').slice(0, 160);
    const where = line === undefined ? file : `${file}:${line}`;
    return { id: idOf(id, file), severity: severityOf(result, rule), title, where };
  });

/** A waiver is of a rule in a file: lines move. */
const idOf = (rule: string, file: string) =>
  `${rule}@${file}`.replaceAll(/[^\w.:/@+-]/g, '_').slice(0, 200);

const isOpen = ({ kind = 'fail', baselineState, suppressions = [] }: Result) =>
  !['pass', 'notApplicable', 'informational'].includes(kind) &&
  baselineState !== 'absent' &&
  (suppressions.length === 0 ||
    suppressions.some(({ status = 'accepted' }) => status !== 'accepted'));

function ruleOf({ tool }: Run, result: Result) {
  const id = result.ruleId ?? result.rule?.id;
  const index = result.ruleIndex ?? result.rule?.index ?? -1;
  const all = [tool.driver, ...(tool.extensions ?? [])].flatMap(({ rules }) => rules ?? []);
  return id === undefined ? tool.driver.rules?.[index] : all.find((rule) => rule.id === id);
}

const byLevel = { error: 'high', warning: 'moderate', note: 'low', none: 'info' } as const;

function severityOf(result: Result, rule: z.infer<typeof Rule> | undefined): Severity {
  const given = result.properties?.['security-severity'] ?? rule?.properties?.['security-severity'];
  if (given !== undefined) return bySeverity(Number(given));
  return byLevel[result.level ?? rule?.defaultConfiguration?.level ?? 'warning'];
}

/** As GitHub reads CVSS. */
function bySeverity(score: number): Severity {
  if (Number.isNaN(score)) return 'unknown';
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'moderate';
  return score > 0 ? 'low' : 'info';
}
