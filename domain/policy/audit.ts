import { plimsoll } from '../messages.ts';
import { judged, type Judged, list } from './gates/judged.ts';
import { count } from './numbers.ts';
import { standingWaiver, type Waiver } from './waiver.ts';

export const severities = ['critical', 'high', 'moderate', 'low', 'info'] as const;
/** `unknown` closes the gate at every threshold: who does not say how bad it is cannot say that it is harmless. */
export type Severity = (typeof severities)[number] | 'unknown';
export type Threshold = Exclude<Severity, 'info' | 'unknown'>;

/** `id` is what a waiver names; `where` a package or file. */
export type AuditFinding = { id: string; severity: Severity; title: string; where: string };

/** What one source said. */
export type AuditReading = { source: string } & (
  | { state: 'read'; findings: AuditFinding[]; sha: string | null; at: string | null }
  /** The plan of the account does not have it: `why` for people. */
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
  /** Ids of the findings that only a waiver keeps from closing the gate. */
  waivers: string[];
};

type Read = Extract<AuditReading, { state: 'read' }>;
type Blamed = { finding: AuditFinding; source: string };

const dayMs = 24 * 60 * 60_000;
const clockSkewMs = 10 * 60_000;
const rank = (severity: Severity) =>
  severities.indexOf(severity === 'unknown' ? 'critical' : severity);

/** Open only if every configured source spoke, of this commit or lately, of nothing that nobody waived. */
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

/** The same finding of two sources is told once. */
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
    return ['no audit source is configured: nothing would be proven. Name one under "audit".'];
  return readings.flatMap((reading) => {
    if (reading.state === 'failed')
      return [`${reading.source}: ${reading.why}. Nothing is known, so the gate stays closed.`];
    if (reading.state === 'unavailable' && read.length === 0)
      return [
        `${reading.source} is not available (${reading.why}) and no other source was read: nothing is ` +
          'known. Add npm, pipAudit, reports or sarif under "audit" in plimsoll.yaml.',
      ];
    return [];
  });
}

function stale({ source, sha, at }: Read, facts: AuditFacts): string[] {
  if (sha === facts.sha) return [];
  const ageMs = at === null ? Number.NaN : Date.parse(facts.now) - Date.parse(at);
  if (Number.isNaN(ageMs))
    return [`${source}: of which commit or day it is cannot be seen. Run that audit again.`];
  if (ageMs < -clockSkewMs)
    return [`${source}: it is dated ${at}, which is yet to come. Run that audit again.`];
  if (ageMs <= facts.maxAgeDays * dayMs) return [];
  return [
    `${source}: it is of ${at?.slice(0, 10)} and not of this commit; at most ` +
      `${count(facts.maxAgeDays, 'day')} old may it be. Run that audit again.`,
  ];
}

const waiverOf = ({ waivers, now }: AuditFacts, { id }: AuditFinding) =>
  standingWaiver(waivers, id, now);

const findingText = ({ finding: { id, severity, title, where }, source }: Blamed) =>
  `${source}: ${id} (${severity}) in ${where}: ${title}`;

function blameText(blamed: Blamed, facts: AuditFacts): string {
  const { waiver } = waiverOf(facts, blamed.finding) ?? {};
  const ended = waiver ? endedText(waiver) : '';
  return (
    `${findingText(blamed)}.${ended} Mend it; or an approver waives it: ${plimsoll} waive ${facts.project} ` +
    `${facts.environment} ${blamed.finding.id} --reason "why" --until DAY`
  );
}

const endedText = ({ by, until, invalid }: Waiver) =>
  invalid === undefined
    ? ` The waiver of ${by} ended on ${until}.`
    : ` The waiver of ${by} until ${until} counts no more: ${invalid}.`;

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
  return `${source}: ${count(findings.length, 'finding')}, ${bad} ${list([...kinds])}`;
}
