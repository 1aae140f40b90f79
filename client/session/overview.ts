import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { RegistryMemo } from '../../domain/deploy/wire.ts';
import { renderOverview } from '../../domain/messages/overview.ts';
import type { PlaceState } from '../../domain/messages/overview.ts';
import { createPaint } from '../../domain/messages/parts/paint.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { Session } from './connect.ts';
import { reportOf } from './read-deploy.ts';
import type { Place } from './read-deploy.ts';
import { checkKnown, findWorker } from './registry.ts';

/** The number of places that are read at the same time. */
const atOnce = 8;
const everyMs = 2_000;

type Options = { project: string | undefined; watch: boolean };

/**
 * Shows one line for each place that the newest worker announced, or for each place of one project.
 * With `watch`, shows the lines again after each change until Ctrl-C (exit 130).
 */
export async function overview(io: Io, session: Session, { project, watch }: Options) {
  const worker = await findWorker(io, session);
  if (project !== undefined) checkKnown(worker, { project });
  const places = placesOf(worker).filter(
    (place) => project === undefined || place.project === project,
  );
  if (watch) return await watchAll(io, session, places);
  const states = await readAll(session, places);
  io.data(states, textOf(io, states));
  return exitCodes.ok;
}

const placesOf = ({ projects }: RegistryMemo): Place[] =>
  Object.entries(projects).flatMap(([project, environments]) =>
    environments.map((environment) => ({ project, environment })),
  );

const textOf = (io: Io, states: PlaceState[]) =>
  renderOverview(states, { now: new Date(), paint: createPaint(io.color) });

async function readAll(session: Session, places: readonly Place[]): Promise<PlaceState[]> {
  const states: PlaceState[] = [];
  for (let at = 0; at < places.length; at += atOnce)
    states.push(
      ...(await Promise.all(places.slice(at, at + atOnce).map((place) => readOne(session, place)))),
    );
  return states;
}

async function readOne(session: Session, place: Place): Promise<PlaceState> {
  const snapshot = await session.deploy(place);
  if (!snapshot || snapshot.running) return { place, snapshot, outcome: null };
  // A deploy that was refused or terminated has no report. Its state is shown instead.
  const report = await reportOf(session, snapshot).catch((cause: unknown) => {
    if (session.isAway(cause)) throw cause;
    return null;
  });
  return { place, snapshot, outcome: report?.outcome ?? null };
}

async function watchAll(io: Io, session: Session, places: readonly Place[]): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort();
  process.once('SIGINT', onSignal);
  const show = await createTable(io);
  try {
    while (!interrupt.signal.aborted) {
      show.states(await readAll(session, places));
      await delay(everyMs, undefined, { signal: interrupt.signal }).catch(() => {});
    }
    return exitCodes.interrupted;
  } finally {
    show.done();
    process.off('SIGINT', onSignal);
  }
}

/**
 * Makes the output of the overview. On a terminal, it redraws the lines in place. Elsewhere, it
 * prints all lines after each change.
 */
async function createTable(io: Io) {
  if (io.live) {
    const { createLogUpdate } = await import('log-update');
    const draw = createLogUpdate(process.stderr);
    return {
      states: (states: PlaceState[]) => draw(textOf(io, states)),
      done: () => draw.done(),
    };
  }
  let shown: unknown;
  return {
    states(states: PlaceState[]) {
      const seen = states.map(({ place, snapshot, outcome }) => [
        ...[place, outcome, snapshot?.runId],
        ...[snapshot?.status?.phase, snapshot?.status?.waitingFor],
      ]);
      if (isDeepStrictEqual(seen, shown)) return;
      shown = seen;
      io.data(states, textOf(io, states));
    },
    done() {},
  };
}
