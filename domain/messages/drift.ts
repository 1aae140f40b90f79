import type {
  DeployRef,
  Page,
  Place,
  DriftFinding,
  ServedCommit,
  ServedSnapshot,
} from '../contract/activities.ts';
import { plimsoll } from '../deploy/wire.ts';
import { clean } from './parts/clean.ts';
import { noDataAfter, servedBy } from '../drift/drift.ts';

const where = ({ project, environment }: Place) => `${project} ${environment}`;
const digits = (sha: string) => sha.slice(0, 12);

/**
 * Returns the identity of a page. `what` identifies the finding, so that people are paged only once
 * for the same finding.
 */
const about = (place: Place, sha: string, what: string): DeployRef => ({
  deployId: `drift-${place.project}-${place.environment}-${what}`,
  ...{ project: place.project, environment: place.environment, sha },
});

/** Returns the page about a live release whose deploy failed and was not rolled back. */
export function failedLivePage(finding: DriftFinding, { shipped }: ServedSnapshot): Page {
  const { sha = '', deployId = '' } = shipped?.failed ?? {};
  return {
    deploy: about(finding, sha, `failed-${digits(sha)}`),
    step: 'failed',
    title: `${where(finding)} serves a release whose deploy failed`,
    text: [
      `${finding.why}.`,
      `Deploy: ${deployId}, ${shipped?.how} ${shipped?.at}`,
      `What happened: ${plimsoll} incidents incident-${deployId}`,
      `To keep the served release: ${plimsoll} adopt ${where(finding)} --reason "why it is safe"`,
      `To replace it: ${plimsoll} deploy ${where(finding)} --ref COMMIT`,
    ].join('\n'),
    priority: 'high',
  };
}

/** Returns the page about a live release that Plimsoll did not deploy. */
export function otherPage(finding: DriftFinding, snapshot: ServedSnapshot): Page {
  const { shipped, live, commits } = snapshot;
  const ours = shipped?.shas[0] ?? '';
  const others = [...new Set(live.flatMap(servedBy))].filter((sha) => sha !== ours);
  const first = others.find((sha) => !shipped?.shas.includes(sha)) ?? '';
  return {
    deploy: about(finding, first || ours, `${digits(ours)}-${digits(first) || 'nameless'}`),
    step: 'other',
    title: `${where(finding)} serves a release that Plimsoll did not deploy`,
    text: [
      `${finding.why}.`,
      `Deployed last: ${ours}, ${shipped?.how} ${shipped?.at}`,
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
  `To keep the served release: ${plimsoll} adopt ${where(place)} --reason "why it is safe"`,
  `To replace it: ${plimsoll} deploy ${where(place)} --ref ${digits(ours)}`,
];

/**
 * Returns the page about an environment whose served release could not be read in the last checks.
 */
export const noDataPage = (finding: DriftFinding): Page => ({
  deploy: about(finding, '0'.repeat(40), 'no-data'),
  step: 'no-data',
  title: `${where(finding)}: the served release is unknown`,
  text: [
    `The last ${noDataAfter} checks gave no answer: ${finding.why}.`,
    'Until a check succeeds, a change outside Plimsoll is not noticed.',
    `Find the cause: ${plimsoll} doctor`,
  ].join('\n'),
  priority: 'high',
});

/** Returns the text for the Web UI. Findings that need a person come first. */
export function driftDetails(places: readonly DriftFinding[]): string {
  const order: DriftFinding['verdict'][] = [
    ...(['other', 'unknown', 'busy', 'nothing-shipped', 'same'] as const),
  ];
  const sorted = clean(places).toSorted(
    (a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict),
  );
  return sorted.map((one) => `${where(one)}: ${one.verdict}: ${one.why}`).join('\n');
}
