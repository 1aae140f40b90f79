import { setTimeout as delay } from 'node:timers/promises';
import { phaseOf } from '../../domain/deploy/snapshot.ts';
import {
  detachedText,
  gatesOpen,
  serverAway,
  watchIt,
  watchNext,
} from '../../domain/messages/follow.ts';
import type { Outcome } from '../../domain/deploy/plan.ts';
import type { Session } from './connect.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { createPaint } from '../../domain/messages/parts/paint.ts';
import { aftermathOf, readDeploy, reportOf } from './read-deploy.ts';
import type { Place, DeploySnapshot } from './read-deploy.ts';
import { renderAftermath, renderReport } from '../../domain/messages/screen.ts';
import { createScreen } from './screen.ts';
import { endIfFailing } from './failing.ts';

const everyMs = 1000;
/**
 * The outcomes after which the aftermath workflow runs. This workflow records the incident, finds
 * the cause and reverts the branch.
 */
const rolledBack: ReadonlySet<Outcome> = new Set([
  'rolled-back',
  'rolled-back-still-failing',
  'rollback-failed',
  'rollback-not-approved',
]);

/**
 * With `wait: gates`, the command ends when the gates of the run are open, or when the run closes.
 */
type What = { runId: string; wait?: 'end' | 'gates' };

/**
 * Shows one run until it closes, and returns its exit code. Ctrl-C only stops the display (exit
 * 130).
 */
export async function follow(io: Io, session: Session, place: Place, { runId, wait }: What) {
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort();
  process.once('SIGINT', onSignal);
  const screen = await createScreen(io);
  try {
    const enough = (snapshot: DeploySnapshot) =>
      !snapshot.running ||
      snapshot.failing !== null ||
      (wait === 'gates' && gatesAreOpen(snapshot));
    const snapshot = await untilEnough(session, { place, runId, enough }, screen, interrupt.signal);
    screen.done();
    if (!snapshot) return detached(io, place);
    endIfFailing(snapshot);
    return snapshot.running ? open(io, snapshot) : await ended(io, session, snapshot);
  } finally {
    screen.done();
    process.off('SIGINT', onSignal);
  }
}

type Screen = Awaited<ReturnType<typeof createScreen>>;

/**
 * Returns true if the gates are open. In the phase `closed` the result is false, because a gate may
 * have closed the deploy.
 */
const gatesAreOpen = (snapshot: DeploySnapshot) =>
  !['planning', 'preflight', 'closed', 'unknown'].includes(phaseOf(snapshot));

type Until = { place: Place; runId: string; enough: (snapshot: DeploySnapshot) => boolean };

/**
 * Shows the deploy until `enough` returns true, and returns its last state. Returns undefined after
 * Ctrl-C. If the server cannot be reached, tries again, because the deploy itself continues.
 */
async function untilEnough(
  session: Session,
  { place, runId, enough }: Until,
  screen: Screen,
  interrupt: AbortSignal,
): Promise<DeploySnapshot | undefined> {
  while (!interrupt.aborted) {
    try {
      const snapshot = await Promise.race([
        readDeploy(session, place, runId),
        whenAborted(interrupt),
      ]);
      if (!snapshot) return undefined;
      screen.show(snapshot);
      if (enough(snapshot)) return snapshot;
    } catch (cause) {
      if (!session.isAway(cause)) throw cause;
      screen.note(serverAway(session));
    }
    await delay(everyMs, undefined, { signal: interrupt }).catch(() => {});
  }
  return undefined;
}

const whenAborted = (signal: AbortSignal) =>
  new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });

async function ended(io: Io, session: Session, snapshot: DeploySnapshot): Promise<number> {
  const report = await reportOf(session, snapshot);
  io.data(report, renderReport(report, createPaint(io.color)));
  if (report.replacedBy) io.say(watchNext(snapshot.place));
  if (rolledBack.has(report.outcome))
    io.say(renderAftermath(await aftermathOf(session, snapshot, report)));
  return exitCodeOf(report);
}

/**
 * Prints that the gates are open, and returns exit code 0. The deploy continues, or waits for a
 * decision.
 */
function open(io: Io, snapshot: DeploySnapshot): number {
  const { place, runId, status } = snapshot;
  const at = phaseOf(snapshot);
  const waits = status ? `waiting for: ${status.waitingFor}` : `it is in ${at}`;
  io.data({ place, runId, phase: at }, gatesOpen(waits));
  io.say(watchIt(place));
  return exitCodes.ok;
}

function detached(io: Io, place: Place): number {
  io.say(detachedText(place));
  return exitCodes.interrupted;
}
