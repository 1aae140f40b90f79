import type { EndedDeploy } from '../contract/activities.ts';
import { plimsoll } from '../deploy/wire.ts';
import type { Cause, Diagnosis, Moment } from '../deploy/plan.ts';
import type { Severity } from '../incident/incident.ts';
import { clean } from './parts/clean.ts';
import { short } from './parts/served.ts';
import { afterRollbackOf } from '../platforms/words.ts';
import { sitesOf } from '../platforms/sites.ts';

const dueMs = 24 * 3600 * 1000;

export type Draft = { incident: string; severity: Severity; due: string; draft: string };
type Facts = EndedDeploy & {
  severity: Severity;
  diagnosis: Diagnosis;
  at: string;
};

/**
 * Makes a draft of the post-mortem in Markdown, with all facts that the saga has. "Fill in" marks
 * the facts that only people know. People must finish the post-mortem within 24 h.
 */
export function postMortem(unsafe: Facts): Draft {
  const facts = clean(unsafe);
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
    section('Prevention', ['Fill in: which gate or test would have prevented this?']),
    `When this post-mortem is done: \`${plimsoll} incidents close ${incident} --by NAME\``,
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
  `${kind} (to blame: the ${blames}): ${oneLine(detail)}`,
  `diagnosis: ${diagnosis.cause}`,
  ...diagnosis.evidence.slice(0, 20).map((line) => `evidence: ${oneLine(line)}`),
];

/**
 * Returns the lines about the longest possible impact: the time from the start of the phase
 * `release` until `at`, which is the time of this draft.
 */
function impactLines({ timeline = [], plan, at }: Facts): string[] {
  const from = timeline.find(({ what }) => what === 'release')?.at;
  const minutes = from ? Math.ceil((Date.parse(at) - Date.parse(from)) / 60_000) : null;
  const hosts = sitesOf(plan.target)
    .map(({ name }) => name)
    .join(', ');
  const long = minutes === null ? 'for an unknown time' : `at most ${minutes} min`;
  return [
    `${short(plan.sha)} was on ${hosts}: ${long}`,
    'Fill in: who noticed the failure, and how much did it cost?',
  ];
}

function fixLines({ outcome, rolledBackTo, plan }: Facts): string[] {
  if (outcome === 'rollback-failed')
    return [
      'the rollback FAILED: a person must find out which release is live',
      'Fill in: what people did by hand',
    ];
  if (outcome === 'rolled-back-still-failing')
    return [
      `every host was rolled back to ${rolledBackTo ? short(rolledBackTo.sha) : 'the rollback target'}, ` +
        'which fails as well or is not live any more',
      'Fill in: why it fails now, and what fixed it',
    ];
  if (outcome === 'rollback-not-approved')
    return [
      'not rolled back: nobody signed the rollback',
      'Fill in: what fixed the failure, and what happened to the data',
    ];
  const to = rolledBackTo ? short(rolledBackTo.sha) : 'nothing';
  const branch = `${plan.branch}: see "revert" in ${plimsoll} history ${plan.project} ${plan.environment}`;
  return [
    `rolled back to ${to}, proven on every host`,
    branch,
    ...afterRollbackOf(plan.target),
    'Fill in: the commit that fixes the failure',
  ];
}

const clock = (iso: string) => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
/** Puts a text on one line, so that a log line cannot become a heading or a list. */
const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').slice(0, 300);
