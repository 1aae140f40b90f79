import type { BranchSnapshot } from '../contract/activities.ts';
import { plimsoll } from '../deploy/wire.ts';
import { short } from './parts/served.ts';

type Where = { project: string; environment: string };

/**
 * Returns the note about a push that is not deployed yet. The note is sent once for each reason.
 */
export function pushWaitsNote(
  { project, environment }: Where,
  snapshot: BranchSnapshot,
  why: string,
) {
  const where = `${project} ${environment}`;
  const what = snapshot.head ? `${short(snapshot.head)} on ${snapshot.branch}` : snapshot.branch;
  return [
    `${where}: a push is not deployed yet. ${what} waits: ${why}.`,
    'Plimsoll keeps checking. No action is needed. To deploy the push now:',
    `${plimsoll} deploy ${where}${snapshot.head ? ` --ref ${snapshot.head.slice(0, 12)}` : ''}`,
  ].join('\n');
}

/** Returns the text that the Web UI shows after a run of the poll schedule has started a deploy. */
export const pushStarted = (workflowId: string, ref: string) =>
  `${workflowId} deploys ${short(ref)}`;

export const pushAsked = (workflowId: string) =>
  `${workflowId} is open and decides whether this push replaces it`;
