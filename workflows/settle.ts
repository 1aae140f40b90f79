import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Outcome } from '../domain/plan.ts';
import { sentence } from './closed.ts';
import { tidy } from './platforms/index.ts';
import { recording, telling } from './proxies.ts';
import type { Rollout } from './rollout.ts';

/** What is still unsaid then is in the Web UI all the same. */
const patienceMs = 30_000;

/** After a passed watch nothing may undo the release: memory first, then people and issues, each on its own. */
export async function settle(rollout: Rollout, outcome: Outcome) {
  rollout.enter('settle', { stuck: null });
  await CancellationScope.nonCancellable(async () => {
    await remember(rollout, closedEntry(rollout, outcome, []));
    rollout.close(outcome);
    const left = outcome === 'succeeded' ? afterSuccess(rollout) : null;
    lastWords(rollout);
    await left;
  });
  await rollout.notes.finish(patienceMs);
}

/** The last words, and, where nothing was touched, the ledger's row; a failed restore is recorded by the aftermath. */
export async function settleClosed(
  rollout: Rollout,
  closed?: { outcome: Outcome; reasons: string[] },
) {
  lastWords(rollout);
  if (closed && rollout.status.deployId) {
    const entry = closedEntry(rollout, closed.outcome, closed.reasons);
    await CancellationScope.nonCancellable(() => remember(rollout, entry));
  }
  await rollout.notes.finish(patienceMs);
}

/** A ledger that takes nothing leaves the deploy stuck, with a page; given up, it is said and closes all the same. */
async function remember(rollout: Rollout, entry: ReturnType<typeof closedEntry>) {
  const patience = rollout.status.sealed?.plan.timing.restoreGiveUpMs ?? 86_400_000;
  try {
    await rollout.insist('record the outcome', () => recording.append(entry), patience);
  } catch (failure) {
    rollout.show({ stuck: null });
    rollout.notes.line(rollout.status, 'ledger', `The ledger has no outcome: ${sentence(failure)}`);
  }
}

/** The dead man's message goes whatever Slack says to the rest. */
function lastWords({ notes, deadMan, status, declared }: Rollout) {
  notes.parent(status);
  if (!declared) return;
  notes.aside('stand down', () => deadMan.standDown());
  notes.deployment(status);
  if (status.outcome === 'succeeded' || status.outcome === 'unproven') notes.final(status);
}

/** Each for itself: none of them may undo a proven release, and none is forgotten silently. */
async function afterSuccess(rollout: Rollout) {
  const plan = rollout.status.sealed?.plan;
  if (!plan) return;
  await Promise.all([
    advisory(rollout, 'issues were not closed', () => telling.closeIssues({ plan })),
    advisory(rollout, 'old releases were not removed', () => tidy(plan)),
  ]);
}

async function advisory(rollout: Rollout, what: string, act: () => Promise<unknown>) {
  try {
    await act();
  } catch (failure) {
    if (isCancellation(failure)) throw failure;
    rollout.notes.line(rollout.status, what, `Left to do, ${what}: ${sentence(failure)}`);
  }
}

function closedEntry({ status, window }: Rollout, outcome: Outcome, reasons: string[]) {
  const { deployId, project, environment, sealed, flags } = status;
  const { sha, release, requestedBy } = sealed?.plan ?? {};
  const seen = outcome === 'succeeded' && window ? { watch: window } : {};
  const told = flags ? { flags } : {};
  const body = { outcome, reasons, sha, release, requestedBy, ...seen, ...told };
  return {
    kind: 'closed' as const,
    key: `${deployId}/closed`,
    deployId,
    project,
    environment,
    body,
  };
}
