import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { ledgerLacks, leftToDo, notClosed, notRemoved } from '../domain/messages/settle.ts';
import type { Outcome } from '../domain/deploy/plan.ts';
import { isOfAnotherRun, sentence } from './closed.ts';
import { tidy } from './platforms/index.ts';
import { recording, notifying } from './proxies.ts';
import type { Rollout } from './rollout.ts';

/**
 * When a deploy ends, it waits until all notifications are sent, but at most for this time in
 * milliseconds. Then the deploy closes. The Web UI shows the state even if a notification was lost.
 */
const timeLimitMs = 30_000;

/**
 * Closes a deploy whose release stays live. First, writes the ledger entry. Then sends
 * notifications and closes issues. A failure here never rolls back the release.
 */
export async function settle(rollout: Rollout, outcome: Outcome) {
  rollout.enter('settle', { stuck: null });
  await CancellationScope.nonCancellable(async () => {
    await remember(rollout, closedEntry(rollout, outcome, []));
    rollout.close(outcome);
    const left = outcome === 'succeeded' ? afterSuccess(rollout) : null;
    lastWords(rollout);
    await left;
  });
  await rollout.notes.finish(timeLimitMs);
}

/**
 * Sends the last notifications. With `closed`, also writes the closing entry. After a rollback, the
 * workflow `aftermath` writes this entry.
 */
export async function settleClosed(
  rollout: Rollout,
  closed?: { outcome: Outcome; reasons: string[] },
) {
  lastWords(rollout);
  if (closed && rollout.status.deployId) {
    const entry = closedEntry(rollout, closed.outcome, closed.reasons);
    await CancellationScope.nonCancellable(() => remember(rollout, entry));
  }
  await rollout.notes.finish(timeLimitMs);
}

/**
 * Writes the closing entry. While the ledger refuses the entry, the deploy is stuck and people are
 * paged. If a person gives up the step, a line in Slack reports the missing entry, and the deploy
 * closes.
 */
async function remember(rollout: Rollout, entry: ReturnType<typeof closedEntry>) {
  const giveUpMs = rollout.status.sealed?.plan.timing.rollbackGiveUpMs ?? 86_400_000;
  try {
    await rollout.runRollbackStep('record the outcome', () => recording.append(entry), giveUpMs);
  } catch (failure) {
    if (isOfAnotherRun(failure)) throw failure;
    rollout.show({ stuck: null });
    rollout.notes.line(rollout.status, 'ledger', ledgerLacks(sentence(failure)));
  }
}

/**
 * Sends the last notifications. Deletes the dead man's switch, even if Slack refuses the
 * notifications.
 */
function lastWords({ notes, deadMansSwitch, status, declared }: Rollout) {
  notes.parent(status);
  if (!declared) return;
  notes.aside("dead man's switch", () => deadMansSwitch.clear());
  notes.deployment(status);
  if (status.outcome === 'succeeded' || status.outcome === 'unproven') notes.final(status);
}

/**
 * Closes issues and removes old releases. Each step runs on its own and cannot roll back the
 * release. People are notified of each failure.
 */
async function afterSuccess(rollout: Rollout) {
  const plan = rollout.status.sealed?.plan;
  if (!plan) return;
  await Promise.all([
    advisory(rollout, notClosed, () => notifying.closeIssues({ plan })),
    advisory(rollout, notRemoved, async () => {
      for (const unchecked of await tidy(plan))
        rollout.notes.line(rollout.status, 'retention', unchecked);
    }),
  ]);
}

async function advisory(rollout: Rollout, what: string, act: () => Promise<unknown>) {
  try {
    await act();
  } catch (failure) {
    if (isCancellation(failure)) throw failure;
    rollout.notes.line(rollout.status, what, leftToDo(what, sentence(failure)));
  }
}

function closedEntry(
  { status, window, evidence: seen }: Rollout,
  outcome: Outcome,
  reasons: string[],
) {
  const { deployId, project, environment, sealed, flags } = status;
  const { sha, release, requestedBy, warrant } = sealed?.plan ?? {};
  const succeeded = outcome === 'succeeded';
  const watched = succeeded && window ? { watch: window } : {};
  const flagged = flags ? { flags } : {};
  const body = { outcome, reasons, sha, release, requestedBy, ...watched, ...flagged };
  return {
    kind: 'closed' as const,
    key: `${deployId}/closed`,
    deployId,
    project,
    environment,
    body,
    warrant,
    evidence: succeeded ? seen : undefined,
  };
}
