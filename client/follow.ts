import { setTimeout as delay } from 'node:timers/promises';
import { plimsoll } from '../domain/messages.ts';
import type { Outcome } from '../domain/plan.ts';
import { isAway } from './connect.ts';
import type { Session } from './connect.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { createPaint } from './paint.ts';
import { aftermathOf, readDeploy, reportOf } from './read-deploy.ts';
import type { Place, Seen } from './read-deploy.ts';
import { renderAftermath, renderReport } from './render.ts';
import { createScreen } from './screen.ts';

const everyMs = 1000;
/** Every way back has its aftermath. */
const restored: ReadonlySet<Outcome> = new Set(['rolled-back', 'restore-failed', 'frozen']);

/** `gates`: until nothing is left that goes on by itself before a person decides. */
type What = { runId: string; wait?: 'end' | 'gates' };

/** Shows one run until it closes: its exit code. Ctrl-C only stops showing it (130). */
export async function follow(io: Io, session: Session, place: Place, { runId, wait }: What) {
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort();
  process.once('SIGINT', onSignal);
  const screen = await createScreen(io);
  try {
    const enough = (seen: Seen) => !seen.running || (wait === 'gates' && gatesAreOpen(seen));
    const seen = await untilEnough(session, { place, runId, enough }, screen, interrupt.signal);
    screen.done();
    if (!seen) return detached(io, place);
    return seen.running ? open(io, seen) : await ended(io, session, seen);
  } finally {
    screen.done();
    process.off('SIGINT', onSignal);
  }
}

type Screen = Awaited<ReturnType<typeof createScreen>>;

/** One that has closed settles for a moment: only its report says with what. */
const gatesAreOpen = ({ status, phase }: Seen) =>
  !['planning', 'preflight', 'closed'].includes(status?.phase ?? phase ?? 'planning');

type Until = { place: Place; runId: string; enough: (seen: Seen) => boolean };

/** A server that is away for a while changes nothing for the deploy: ask again. */
async function untilEnough(
  session: Session,
  { place, runId, enough }: Until,
  screen: Screen,
  interrupt: AbortSignal,
): Promise<Seen | undefined> {
  while (!interrupt.aborted) {
    try {
      const seen = await Promise.race([readDeploy(session, place, runId), whenAborted(interrupt)]);
      if (!seen) return undefined;
      screen.show(seen);
      if (enough(seen)) return seen;
    } catch (cause) {
      if (!isAway(cause)) throw cause;
      screen.note(`Temporal at ${session.address} does not answer; asking again …`);
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

async function ended(io: Io, session: Session, seen: Seen): Promise<number> {
  const report = await reportOf(session, seen);
  io.data(report, renderReport(report, createPaint(io.color)));
  if (report.replacedBy) io.say(followNext(seen.place));
  if (restored.has(report.outcome)) io.say(renderAftermath(await aftermathOf(session, report)));
  return exitCodeOf(report);
}

const followNext = ({ project, environment }: Place) =>
  `Watch the deploy that replaced it:  ${plimsoll} watch ${project} ${environment}`;

/** Its gates are open: what comes next is a person's, or goes on without this command. */
function open(io: Io, { place, runId, status, phase }: Seen): number {
  const at = status?.phase ?? phase ?? 'unknown';
  const waits = status ? `waiting for: ${status.waitingFor}` : `it is in ${at}`;
  io.data({ place, runId, phase: at }, `Its gates are open; ${waits}.`);
  io.say(`Watch it:  ${plimsoll} watch ${place.project} ${place.environment}`);
  return exitCodes.ok;
}

function detached(io: Io, { project, environment }: Place): number {
  io.say(
    `No longer watching; the deploy goes on.\n` +
      `Watch it again:  ${plimsoll} watch ${project} ${environment}\n` +
      `Stop it:         ${plimsoll} abort ${project} ${environment}`,
  );
  return exitCodes.interrupted;
}
