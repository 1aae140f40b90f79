import { setTimeout as delay } from 'node:timers/promises';
import { plimsoll } from '../domain/messages.ts';
import { isAway } from './connect.ts';
import type { Session } from './connect.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { createPaint } from './paint.ts';
import { readDeploy, reportOf } from './read-deploy.ts';
import type { Place, Seen } from './read-deploy.ts';
import { renderReport } from './render.ts';
import { createScreen } from './screen.ts';

const everyMs = 1000;

/** Shows one run until it closes: its exit code. Ctrl-C only stops showing it (130). */
export async function follow(io: Io, session: Session, place: Place, runId: string) {
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort();
  process.once('SIGINT', onSignal);
  const screen = await createScreen(io);
  try {
    const closed = await untilClosed(session, { place, runId }, screen, interrupt.signal);
    screen.done();
    return closed ? await ended(io, session, closed) : detached(io, place);
  } finally {
    screen.done();
    process.off('SIGINT', onSignal);
  }
}

type Screen = Awaited<ReturnType<typeof createScreen>>;

/** A server that is away for a while changes nothing for the deploy: ask again. */
async function untilClosed(
  session: Session,
  { place, runId }: { place: Place; runId: string },
  screen: Screen,
  interrupt: AbortSignal,
): Promise<Seen | undefined> {
  while (!interrupt.aborted) {
    try {
      const seen = await Promise.race([readDeploy(session, place, runId), whenAborted(interrupt)]);
      if (!seen) return undefined;
      screen.show(seen);
      if (!seen.running) return seen;
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
  return exitCodeOf(report.outcome);
}

function detached(io: Io, { project, environment }: Place): number {
  io.say(
    `No longer watching; the deploy goes on.\n` +
      `Watch it again:  ${plimsoll} watch ${project} ${environment}\n` +
      `Stop it:         ${plimsoll} abort ${project} ${environment}`,
  );
  return exitCodes.interrupted;
}
