import { z } from 'zod';
import type { AuditFinding } from '../../../domain/gates/audit.ts';
import { parseAs } from './parse.ts';
import { level, overrideOf, Overrides, Properties, Reference, ruleOf, Tool } from './sarif-rule.ts';
import { severityOf } from './sarif-severity.ts';

const Result = Reference.extend({
  level: level.optional(),
  kind: z.string().optional(),
  message: z.object({ text: z.string().optional() }).optional(),
  properties: Properties,
  suppressions: z.array(z.object({ status: z.string().optional() })).optional(),
  baselineState: z.string().optional(),
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
  ruleConfigurationOverrides: Overrides,
});
const Run = z.object({
  tool: Tool,
  /** `results` is required, because a run without `results` did not scan. It may be empty. */
  results: z.array(Result),
  /** Some tools write the results into separate files and list these files here. */
  externalPropertyFileReferences: z
    .object({ results: z.array(z.unknown()).default([]) })
    .optional(),
  invocations: z.array(Invocation).optional(),
  versionControlProvenance: z.array(z.object({ revisionId: z.string().optional() })).optional(),
});
const Sarif = z.object({ version: z.literal('2.1.0'), runs: z.array(Run).min(1) });

type Run = z.infer<typeof Run>;
type Result = z.infer<typeof Result>;
export type ReadSarif = { findings: AuditFinding[]; sha: string | null; at: string | null };

/** Removes keys with the value null, because some programs write null for a missing value. */
const withoutNull = (_key: string, value: unknown) => (value === null ? undefined : value);

/**
 * Reads a SARIF log. Returns 'malformed' if the text is not a SARIF log, 'elsewhere' if results are
 * in other files, and 'crashed' if the log says that the tool failed.
 */
export function readSarif(text: string): ReadSarif | 'malformed' | 'elsewhere' | 'crashed' {
  const log = parseAs(Sarif, text, withoutNull);
  if (!log) return 'malformed';
  if (log.runs.some((run) => (run.externalPropertyFileReferences?.results.length ?? 0) > 0))
    return 'elsewhere';
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

function findingsOf(run: Run): AuditFinding[] {
  const overrides = (run.invocations ?? []).flatMap((one) => one.ruleConfigurationOverrides);
  return run.results.filter(isOpen).map((result) => {
    const found = ruleOf(run.tool, result);
    const rule = found === 'dangling' ? null : found;
    const id = result.ruleId ?? result.rule?.id ?? rule?.id ?? 'unnamed';
    const place = result.locations?.[0]?.physicalLocation;
    const file = place?.artifactLocation?.uri ?? run.tool.driver.name ?? 'the project';
    const line = place?.region?.startLine;
    const title = (result.message?.text ?? id).replaceAll(/\s+/g, ' ').slice(0, 160);
    const where = line === undefined ? file : `${file}:${line}`;
    return {
      id: idOf(id, file),
      severity: severityOf(
        run.tool.driver.name,
        result,
        found,
        overrideOf(run.tool, overrides, rule),
      ),
      title,
      where,
    };
  });
}

/**
 * Returns the id of a finding. A waiver names this id. The id contains the rule and the file, but
 * no line number, because later commits change line numbers.
 */
const idOf = (rule: string, file: string) =>
  `${rule}@${file}`.replaceAll(/[^\w.:/@+-]/g, '_').slice(0, 200);

/** A result of these kinds is not a finding, unless its level is "error" or "warning". */
const harmless = new Set(['pass', 'notApplicable', 'informational']);

const isOpen = ({ kind = 'fail', level: said, baselineState, suppressions = [] }: Result) =>
  (!harmless.has(kind) || said === 'error' || said === 'warning') &&
  baselineState !== 'absent' &&
  (suppressions.length === 0 ||
    suppressions.some(({ status = 'accepted' }) => status !== 'accepted'));
