import {
  log,
  ParentClosePolicy,
  setCurrentDetails,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  Page,
  Place,
  DriftFinding,
  DriftReport,
  DriftVerdict,
  ServedSnapshot,
} from '../../domain/contract/activities.ts';
import { followUp, judgeServed, unreported } from '../../domain/drift/drift.ts';
import {
  driftDetails,
  failedLivePage,
  noDataPage,
  otherPage,
} from '../../domain/messages/drift.ts';
import { returnedPage, returnedSummary } from '../../domain/messages/returned.ts';
import { deployId } from '../../domain/deploy/wire.ts';
import { rollBackAgain } from '../records/roll-back-again.ts';
import { pageAndNote, attempt } from '../page.ts';
import { sentence } from '../closed.ts';
import { notifying, weighing } from '../proxies.ts';

type Watched = { places: Place[]; channel: string | null };

/**
 * Checks whether every live release was deployed by Plimsoll. A schedule starts this workflow again
 * and again. Each run reads the report of the previous run, so that people are paged only once for
 * each finding.
 */
export async function drift({ places, channel }: Watched): Promise<DriftReport> {
  const before = await weighing.readLastDriftReport({ runId: workflowInfo().runId });
  const guard = (place: Place) => {
    const last = before?.places.find((it) => isSame(it, place));
    return guardOne(place, last, channel);
  };
  const report = { places: await Promise.all(places.map(guard)) };
  setCurrentDetails(driftDetails(report.places));
  return report;
}

const isSame = (one: Place, other: Place) =>
  one.project === other.project && one.environment === other.environment;

async function guardOne(
  place: Place,
  last: DriftFinding | undefined,
  channel: string | null,
): Promise<DriftFinding> {
  const { snapshot, judged } = await see(place);
  const { finding, call } = followUp(place, judged, last);
  if (last?.notified && !finding.notified) await record(finding);
  const { returned } = finding;
  if (returned !== undefined) await rollBackReturned(place);
  if (!call) return finding;
  const page =
    returned === undefined ? pageOf(call, finding, snapshot) : returnedPage(finding, returned);
  if (!(await pageAndNote(page, channel))) return unreported(finding, last);
  await record(finding);
  return finding;
}

function pageOf(
  call: 'other' | 'no-data',
  finding: DriftFinding,
  snapshot: ServedSnapshot | null,
): Page {
  if (call !== 'other' || !snapshot) return noDataPage(finding);
  return finding.failed ? failedLivePage(finding, snapshot) : otherPage(finding, snapshot);
}

/**
 * Starts the rollback. Its workflow id is the lock. If a deploy holds the lock, no rollback starts,
 * because this deploy decides which release is live. The next check looks again.
 */
async function rollBackReturned(place: Place) {
  try {
    await startChild(rollBackAgain, {
      args: [place],
      workflowId: deployId(place.project, place.environment),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: returnedSummary(place),
    });
  } catch (failure) {
    if ((failure as Error).name !== 'WorkflowExecutionAlreadyStartedError') throw failure;
    log.warn('a deploy holds the lock, so the release is not rolled back again now', { ...place });
  }
}

async function see(
  place: Place,
): Promise<{ snapshot: ServedSnapshot | null; judged: DriftVerdict }> {
  try {
    const snapshot = await weighing.readServed(place);
    return { snapshot, judged: judgeServed(snapshot) };
  } catch (failure) {
    return { snapshot: null, judged: { verdict: 'unknown', why: sentence(failure) } };
  }
}

/** Records the finding in the ledger, for `plimsoll history`. A failure is only logged. */
async function record({ project, environment, verdict, why }: DriftFinding) {
  const key = `drift/${project}/${environment}/${workflowInfo().runId}`;
  const body = { verdict, why };
  const row = { kind: 'drift', key, deployId: null, project, environment, body } as const;
  await attempt('the drift in the ledger', async () => {
    await notifying.append(row);
    return true;
  });
}
