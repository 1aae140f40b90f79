import { plimsoll } from '../deploy/wire.ts';
import { phaseOf } from '../deploy/snapshot.ts';
import type { DeploySnapshot, Place } from '../deploy/snapshot.ts';
import { clean } from './parts/clean.ts';
import { duration, short } from './parts/format.ts';
import type { View } from './screen.ts';

/** The newest deploy of one place. `snapshot` is null if the place never had a deploy. */
export type PlaceState = {
  place: Place;
  snapshot: DeploySnapshot | null;
  /** The outcome of a closed deploy. Null = the deploy is open, or its end is unknown. */
  outcome: string | null;
};

const good = ['succeeded', 'never deployed'];

/**
 * Returns one line for each place. The line has the name and the state of the place, the age of
 * this state, and what the place waits for.
 */
export function renderOverview(states: readonly PlaceState[], view: View): string {
  const rows = clean(states).map((state) => cellsOf(state, view));
  const width = (column: 0 | 1 | 2) => Math.max(...rows.map((cells) => cells[column].length));
  const widths = [width(0), width(1), width(2)] as const;
  return rows
    .map(([name, state, age, what]) => {
      const painted = good.includes(state) ? state : view.paint.bold(state);
      const gap = ' '.repeat(widths[1] - state.length);
      const line = `${name.padEnd(widths[0])}  ${painted}${gap}  ${age.padEnd(widths[2])}  ${what}`;
      return line.trimEnd();
    })
    .join('\n');
}

type Cells = [name: string, state: string, age: string, what: string];

function cellsOf({ place, snapshot, outcome }: PlaceState, { now }: View): Cells {
  const name = `${place.project} ${place.environment}`;
  if (!snapshot) return [name, 'never deployed', '', ''];
  const { running, status, sealed, failing, closedAt, startedAt } = snapshot;
  const age = duration(now.getTime() - Date.parse(closedAt ?? status?.since ?? startedAt));
  const commit = sealed ? short(sealed.plan.sha) : '';
  if (!running) return [name, outcome ?? snapshot.state.toLowerCase(), age, commit];
  if (failing) return [name, 'cannot continue', age, `${commit}, see: ${statusOf(place)}`];
  const waits = status ? status.waitingFor : 'a worker';
  const what = `waiting for: ${waits}`;
  return [name, phaseOf(snapshot), age, commit === '' ? what : `${commit}, ${what}`];
}

const statusOf = ({ project, environment }: Place) =>
  `${plimsoll} status ${project} ${environment}`;
