import type { FaultKind } from '../../sandbox/board.ts';

/** What happens to one call of a deploy; `every` = to each of them, until somebody mends it. */
export type Column = { name: string; kind: FaultKind; on: 'call' | 'status'; every?: true };

export const columns: readonly Column[] = [
  { name: '429', kind: '429', on: 'call' },
  { name: '500 before', kind: '500-before', on: 'call' },
  { name: '500 after', kind: '500-after', on: 'call' },
  { name: 'dropped before', kind: 'drop-before', on: 'call' },
  { name: 'dropped after', kind: 'drop-after', on: 'call' },
  { name: 'slow', kind: 'slow', on: 'call' },
  { name: 'acknowledged, lost', kind: 'lying-status', on: 'call' },
  { name: 'lying status', kind: 'lying-status', on: 'status' },
  { name: 'out of order', kind: '500-before', on: 'call', every: true },
];

/** A command over ssh fails in other ways than a call over HTTP. */
export const overSsh: readonly Column[] = [
  { name: 'dropped before', kind: 'drop-before', on: 'call' },
  { name: 'dropped after', kind: 'drop-after', on: 'call' },
  { name: 'fails before', kind: '500-before', on: 'call' },
  { name: 'fails after', kind: '500-after', on: 'call' },
  { name: 'slow', kind: 'slow', on: 'call' },
  { name: 'lying exit', kind: 'lying-status', on: 'call' },
  { name: 'out of order', kind: '500-before', on: 'call', every: true },
];

/** How a deploy ends; "stuck" = a person was called with the cause, mended it and sent retry. */
export type Ending = 'succeeded' | 'rolled-back' | 'stuck, succeeded' | 'stuck, rolled-back';

/** A call that changes something, and what is asked of it. */
export type Call = {
  /** The service of the stand-in, and the parts of the operations' names, with CELL for the cell's own service. */
  service: string;
  call: string;
  status: string;
  /** The faults are armed when this activity begins. */
  during: string;
  /** How many answers of its status lie: what is asked before the call as well. One where it is absent. */
  lies?: number;
};

export type Row = Call & {
  name: string;
  /** Later calls of the same deploy, which suffer the same when their turn comes. */
  later?: readonly Call[];
  /** The release fails once it is live, so the way back is taken. */
  bad?: true;
  /** Its commit is not on main yet; else it is there, as after a merge. */
  unmerged?: true;
  /** Columns of faults that it cannot suffer. */
  never?: readonly string[];
  /** Nothing was ever live. */
  fresh?: true;
  /** Effects that the platform's own tool does again by itself where the answer to them is lost: harmless. */
  repeats?: readonly string[];
  /** Only where they are not those of the matrix. */
  effects?: Effects;
};

export type Matrix = {
  platform: string;
  /** Path of the test whose tests are the cells. */
  test: string;
  rows: readonly Row[];
  /** Effects on the platform of a deploy that goes forward, and of one that goes back: whatever the fault. */
  effects: { forward: Effects; back: Effects };
  /** Where its faults are not those of HTTP, and what they are. */
  faults?: { columns: readonly Column[]; legend: string };
  /** Effects that are not counted: done twice they are the same as once. */
  idempotent?: readonly string[];
};
export type Effects = Record<string, number>;

export const columnsOf = ({ faults }: Matrix): readonly Column[] => faults?.columns ?? columns;

export const suffers = ({ never = [] }: Row, { name }: Column): boolean => !never.includes(name);

export const endingOf = ({ bad }: Row, { every }: Column): Ending =>
  `${every ? 'stuck, ' : ''}${bad ? 'rolled-back' : 'succeeded'}` as Ending;

const losesAnswer = ({ kind }: Column) => kind === '500-after' || kind === 'drop-after';

export function effectsOf(
  { effects }: Matrix,
  { bad, unmerged, effects: own, repeats = [] }: Row,
  column: Column,
): Effects {
  const all = { ...(own ?? (bad ? effects.back : effects.forward)) };
  if (unmerged) all['git push'] = 1;
  for (const name of losesAnswer(column) ? repeats : []) all[name] = (all[name] ?? 0) + 1;
  return all;
}

/** A cell's test has this name. */
export const cellName = (row: Row, column: Column) => `${row.name} × ${column.name}`;
