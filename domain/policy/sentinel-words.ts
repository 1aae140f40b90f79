import type { DeployRef, Page, Place, ServedCommit, ServedLook } from '../activities.ts';
import { plimsoll } from '../messages.ts';
import { blindAfter, servedBy } from './sentinel.ts';
import type { SentinelFinding } from './sentinel.ts';

const where = ({ project, environment }: Place) => `${project} ${environment}`;
const digits = (sha: string) => sha.slice(0, 12);

/** One message for what is served: its key is the same however often it is sent. */
const about = (place: Place, sha: string, what: string): DeployRef => ({
  deployId: `sentinel-${place.project}-${place.environment}-${what}`,
  ...{ project: place.project, environment: place.environment, sha },
});

/** Somebody made something else live, past every gate and approval. */
export function otherPage(finding: SentinelFinding, look: ServedLook): Page {
  const { shipped, live, commits } = look;
  const ours = shipped?.shas[0] ?? '';
  const others = [...new Set(live.flatMap(servedBy))].filter((sha) => sha !== ours);
  const first = others.find((sha) => !shipped?.shas.includes(sha)) ?? '';
  return {
    deploy: about(finding, first || ours, `${digits(ours)}-${digits(first) || 'nameless'}`),
    step: 'other',
    title: `${where(finding)} serves what Plimsoll did not ship`,
    text: [
      `${finding.why}.`,
      `Shipped last: ${ours}, ${shipped?.how} ${shipped?.at}`,
      ...others.map((sha) => `Served: ${sha}${who(commits[sha])}`),
      ...whatToDo(finding, ours),
    ].join('\n'),
    priority: 'high',
  };
}

function who(commit: ServedCommit | null | undefined) {
  if (!commit) return ': the repository has no such commit';
  const { title, author, committer, at } = commit;
  const by = author === committer ? `by ${author}` : `by ${author}, committed by ${committer}`;
  return ` "${title}" ${by}, ${at}`;
}

const whatToDo = (place: Place, ours: string) => [
  `It may stay: ${plimsoll} adopt ${where(place)} --reason "why it is safe"`,
  `It may not: ${plimsoll} deploy ${where(place)} --ref ${digits(ours)}`,
];

/** What is not seen is not fine. */
export const blindPage = (finding: SentinelFinding): Page => ({
  deploy: about(finding, '0'.repeat(40), 'blind'),
  step: 'blind',
  title: `${where(finding)}: what is served cannot be told`,
  text: [
    `${blindAfter} looks in a row told nothing: ${finding.why}.`,
    'Until one does, a change past Plimsoll goes unnoticed.',
    `Find what is away: ${plimsoll} doctor`,
  ].join('\n'),
  priority: 'high',
});

/** For the Web UI: what needs a person first. */
export function sentinelDetails(places: readonly SentinelFinding[]): string {
  const order: SentinelFinding['verdict'][] = [
    ...(['other', 'unknown', 'busy', 'nothing-shipped', 'same'] as const),
  ];
  const sorted = places.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  return sorted.map((one) => `${where(one)}: ${one.verdict}: ${one.why}`).join('\n');
}
