import type { AftermathInput } from '../activities.ts';
import { plimsoll } from '../messages.ts';
import type { Cause, Diagnosis, Moment } from '../plan.ts';
import type { Severity } from './incident.ts';
import { short } from './served.ts';
import { sitesOf } from './sites.ts';

const dueMs = 24 * 3600 * 1000;

export type Draft = { incident: string; severity: Severity; due: string; draft: string };
type Facts = AftermathInput & { severity: Severity; diagnosis: Diagnosis; at: string };

/** A post-mortem as far as the saga knows it, Markdown; what only people know is marked "TODO". Due in 24 h. */
export function postMortem(facts: Facts): Draft {
  const { plan, severity, at } = facts;
  const incident = `incident-${plan.deployId}`;
  const due = new Date(Date.parse(at) + dueMs).toISOString();
  const where = `${plan.project} ${plan.environment}`;
  const draft = [
    `# ${severity}: ${where} ${short(plan.sha)} ended ${facts.outcome}`,
    `${incident} · requested by ${plan.requestedBy} (${plan.reason}) · due ${due}`,
    section('Timeline', timelineLines(facts)),
    section('Root cause', causeLines(facts.cause, facts.diagnosis)),
    section('Impact', impactLines(facts)),
    section('Fix', fixLines(facts)),
    section('Prevention', ['TODO: which gate or test would have closed on this?']),
    `When it is done: \`${plimsoll} incidents close ${incident} --by NAME\``,
  ];
  return { incident, severity, due, draft: draft.join('\n\n') };
}

const section = (title: string, lines: string[]) =>
  [`## ${title}`, ...lines.map((line) => `- ${line}`)].join('\n');

function timelineLines({ timeline, plan, outcome, at }: Facts): string[] {
  const known = timeline ?? [{ at: plan.plannedAt, what: 'planning' }];
  const end: Moment[] = known.at(-1)?.what === outcome ? [] : [{ at, what: outcome }];
  return [...known, ...end].map((one) => `${clock(one.at)} ${oneLine(one.what)}`);
}

const causeLines = ({ kind, blames, detail }: Cause, diagnosis: Diagnosis) => [
  `${kind}, blames the ${blames}: ${oneLine(detail)}`,
  `diagnosis: ${diagnosis.cause}`,
  ...diagnosis.evidence.slice(0, 20).map((line) => `evidence: ${oneLine(line)}`),
];

/** From the first change on a host until the old release was proven: at the longest that long. */
function impactLines({ timeline = [], plan, at }: Facts): string[] {
  const from = timeline.find(({ what }) => what === 'release')?.at;
  const minutes = from ? Math.ceil((Date.parse(at) - Date.parse(from)) / 60_000) : null;
  const hosts = sitesOf(plan.target)
    .map(({ name }) => name)
    .join(', ');
  const long = minutes === null ? 'how long is not known' : `at most ${minutes} min`;
  return [
    `${short(plan.sha)} was on ${hosts}: ${long}`,
    'TODO: who noticed, and what it cost them',
  ];
}

function fixLines({ outcome, restored, plan }: Facts): string[] {
  if (outcome === 'restore-failed')
    return ['the restore FAILED: a person must say what is served', 'TODO: what was done by hand'];
  if (outcome === 'frozen')
    return [
      'not taken back: nobody signed it',
      'TODO: what mended it, and what became of the data',
    ];
  const to = restored ? short(restored.sha) : 'nothing';
  const branch = `${plan.branch}: see "revert" in ${plimsoll} history ${plan.project} ${plan.environment}`;
  return [`restored ${to} and proved it on every host`, branch, 'TODO: the commit that mends it'];
}

const clock = (iso: string) => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
/** A log line must not become a heading or a list of its own. */
const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').slice(0, 300);
