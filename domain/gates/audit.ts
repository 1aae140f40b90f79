import { plimsoll } from '../deploy/wire.ts';
import { count } from '../messages/parts/numbers.ts';
import { standingWaiver } from '../approval/waiver.ts';
import type { Waiver } from '../approval/waiver.ts';
import { judged } from './judged.ts';
import type { Judged } from './judged.ts';

export const severities = ['critical', 'high', 'moderate', 'low', 'info'] as const;
/**
 * `unknown`: the source gave no severity. Such a finding may be critical, so it closes the gate at
 * every threshold.
 */
export type Severity = (typeof severities)[number] | 'unknown';
/**
 * Returns the severity that a source names. Many tools write "medium" instead of "moderate". Any
 * other word, or no word, gives 'unknown'.
 */
export function severityIn(word: string | null | undefined): Severity {
  const name = word?.toLowerCase() === 'medium' ? 'moderate' : word?.toLowerCase();
  return severities.find((one) => one === name) ?? 'unknown';
}
type Threshold = Exclude<Severity, 'info' | 'unknown'>;

/** A waiver names the finding by its `id`. `where` is a package or a file. */
export type AuditFinding = { id: string; severity: Severity; title: string; where: string };

/** The answer of one audit source. */
export type AuditReading = { source: string } & (
  | { state: 'read'; findings: AuditFinding[]; sha: string | null; at: string | null }
  /** The repository's GitHub plan does not include this source. `why` is shown to people. */
  | { state: 'unavailable'; why: string }
  | { state: 'failed'; why: string }
);

export type AuditFacts = {
  project: string;
  environment: string;
  sha: string;
  readings: AuditReading[];
  threshold: Threshold;
  maxAgeDays: number;
  waivers: Waiver[];
  /** ISO time. */
  now: string;
};

export type AuditJudged = Judged & {
  /** Ids of the waived findings. Without their waivers, these findings would close the gate. */
  waivers: string[];
};

type Read = Extract<AuditReading, { state: 'read' }>;
type Blamed = { finding: AuditFinding; source: string };

const dayMs = 24 * 60 * 60_000;
const clockSkewMs = 10 * 60_000;
const rank = (severity: Severity) =>
  severities.indexOf(severity === 'unknown' ? 'critical' : severity);

/**
 * Opens the gate only if two conditions are met. Every available source has a report on this
 * commit, or a recent report on another commit. Every finding at or above the threshold is waived.
 */
export function judgeAudit(facts: AuditFacts): AuditJudged {
  const read = facts.readings.filter((one) => one.state === 'read');
  const blamed = blamedIn(read, facts.threshold);
  const waived = blamed.filter(({ finding }) => waiverOf(facts, finding)?.stands);
  const against = [
    ...unreadable(facts, read),
    ...read.flatMap((reading) => stale(reading, facts)),
    ...blamed.filter((one) => !waived.includes(one)).map((one) => blameText(one, facts)),
  ];
  const seen = [
    ...waived.map((one) => waivedText(one, facts)),
    ...facts.readings.map((one) => seenText(one, facts)),
  ];
  return { ...judged(against, seen), waivers: waived.map(({ finding }) => finding.id) };
}

/** Returns the findings at or above the threshold. A finding from two sources is listed once. */
function blamedIn(read: readonly Read[], threshold: Threshold): Blamed[] {
  const all = read.flatMap(({ source, findings }) =>
    findings
      .filter(({ severity }) => rank(severity) <= rank(threshold))
      .map((finding) => ({ finding, source })),
  );
  return [
    ...new Map(
      all.toReversed().map((one) => [`${one.finding.id} ${one.finding.where}`, one]),
    ).values(),
  ].toReversed();
}

function unreadable({ readings }: AuditFacts, read: readonly Read[]): string[] {
  if (readings.length === 0)
    return [
      'no audit source is configured, so the gate can prove nothing. Name a source under ' +
        '"audit" in plimsoll.yaml.',
    ];
  return readings.flatMap((reading) => {
    if (reading.state === 'failed')
      return [`${reading.source}: ${reading.why}. There is no data, so the gate stays closed.`];
    if (reading.state === 'unavailable' && read.length === 0)
      return [
        `${reading.source} is not available (${reading.why}) and no other source was read: ` +
          'there is no data. Add npm, pipAudit, reports or sarif under "audit" in plimsoll.yaml.',
      ];
    return [];
  });
}

function stale({ source, sha, at }: Read, facts: AuditFacts): string[] {
  if (sha === facts.sha) return [];
  const ageMs = at === null ? Number.NaN : Date.parse(facts.now) - Date.parse(at);
  if (Number.isNaN(ageMs))
    return [
      `${source}: the report does not name this commit and has no valid date. Run that audit ` +
        'again.',
    ];
  if (ageMs < -clockSkewMs)
    return [`${source}: the report is dated ${at}, which is in the future. Run that audit again.`];
  if (ageMs <= facts.maxAgeDays * dayMs) return [];
  return [
    `${source}: the report of ${at?.slice(0, 10)} is about another commit. Such a report may be ` +
      `at most ${count(facts.maxAgeDays, 'day')} old. Run that audit again.`,
  ];
}

const waiverOf = ({ waivers, now }: AuditFacts, { id }: AuditFinding) =>
  standingWaiver(waivers, id, now);

const findingText = ({ finding: { id, severity, title, where }, source }: Blamed) =>
  `${source}: ${id} (${severity}) in ${where}: ${title}`;

function blameText(blamed: Blamed, facts: AuditFacts): string {
  const { waiver } = waiverOf(facts, blamed.finding) ?? {};
  const ended = waiver ? endedText(waiver) : '';
  const unknown = blamed.finding.severity === 'unknown' ? unknownSeverity : '';
  return (
    `${findingText(blamed)}.${unknown}${ended} Fix the finding, or let an approver waive it: ${plimsoll} ` +
    `waive ${facts.project} ${facts.environment} ${blamed.finding.id} --reason "why" --until ` +
    'DAY'
  );
}

const unknownSeverity =
  ' The source does not name the severity of the finding, so the finding counts as critical.';

const endedText = ({ by, until, invalid }: Waiver) =>
  invalid === undefined
    ? ` The waiver of ${by} ended on ${until}.`
    : ` The waiver of ${by} until ${until} no longer counts: ${invalid}.`;

function waivedText(blamed: Blamed, facts: AuditFacts): string {
  const { waiver } = waiverOf(facts, blamed.finding) ?? {};
  const signed = `waived by ${waiver?.by} until ${waiver?.until}, "${waiver?.reason}"`;
  return `${signed}: ${findingText(blamed)}`;
}

function seenText(reading: AuditReading, { threshold }: AuditFacts): string {
  if (reading.state !== 'read') return `${reading.source}: not available, ${reading.why}`;
  const { findings, source } = reading;
  if (findings.length === 0) return `${source}: nothing found`;
  const kinds = severities.slice(0, rank(threshold) + 1);
  const bad = findings.filter(({ severity }) => rank(severity) <= rank(threshold)).length;
  const found = count(findings.length, 'finding');
  return `${source}: ${found}, ${bad} of severity ${kinds.join(' or ')}`;
}
