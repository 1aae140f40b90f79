import type { Platform } from '../../domain/deploy/plan.ts';
import type { FaultKind } from '../../sandbox/board.ts';

/**
 * A fault of one call in a deploy. `every` = every attempt fails until a person repairs the cause.
 */
export type Column = { name: string; kind: FaultKind; on: 'call' | 'status'; every?: true };

const columns: readonly Column[] = [
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

/** The faults of a command over ssh. They differ from the faults of a call over HTTP. */
export const overSsh: readonly Column[] = [
  { name: 'dropped before', kind: 'drop-before', on: 'call' },
  { name: 'dropped after', kind: 'drop-after', on: 'call' },
  { name: 'fails before', kind: '500-before', on: 'call' },
  { name: 'fails after', kind: '500-after', on: 'call' },
  { name: 'slow', kind: 'slow', on: 'call' },
  { name: 'lying exit', kind: 'lying-status', on: 'call' },
  { name: 'out of order', kind: '500-before', on: 'call', every: true },
];

const noAnswer: Fails = {
  '500 before': 'UnknownOutcome',
  '500 after': 'UnknownOutcome',
  'dropped before': 'UnknownOutcome',
  'dropped after': 'UnknownOutcome',
  'out of order': 'UnknownOutcome',
};
/**
 * How a call of a platform's API fails, by column. "429": the platform refused the call, so nothing
 * changed. "acknowledged, lost": the platform confirmed the call, but did nothing. The activity
 * reads the state and finds no effect.
 */
export const overHttp: Fails = {
  ...noAnswer,
  '429': 'Unavailable',
  'acknowledged, lost': 'Unavailable',
};
/**
 * How a push with git fails, by column. git does not report the cause, so the outcome is unknown.
 * "either": the order of git's requests decides which request gets the false answer.
 */
export const overGit: Fails = {
  ...noAnswer,
  '429': 'UnknownOutcome',
  'acknowledged, lost': 'either',
  'lying status': 'either',
};

/**
 * How a deploy ends. "stuck" = Plimsoll paged a person. The person repaired the cause and sent
 * `retry`.
 */
export type Ending = 'succeeded' | 'rolled-back' | 'stuck, succeeded' | 'stuck, rolled-back';

/** A call that changes something, and the query that reads its state. */
export type Call = {
  /** The name of the sandbox service that receives the call, such as "git" or "vercel". */
  service: string;
  /** A part of the name of the operation. CELL is replaced by the id of the cell. */
  call: string;
  /** A part of the name of the operation that reads the state. CELL is replaced too. */
  status: string;
  /** The test arms the fault when this activity begins. */
  during: string;
  /**
   * How many answers to the status query are false, counted from the start of the activity. The
   * default is 1.
   */
  lies?: number;
};

export type Row = Call & {
  name: string;
  /**
   * Later calls of the same deploy. Each later call suffers the same fault when its activity
   * begins.
   */
  later?: readonly Call[];
  /** The release fails after it goes live, so that Plimsoll rolls back. */
  bad?: boolean;
  /** The commit is not on main yet. Without `unmerged`, the commit is on main, as after a merge. */
  unmerged?: true;
  /** Names of the columns whose faults cannot happen to this call. */
  never?: readonly string[];
  /** This is the first deploy: no release is live. */
  fresh?: true;
  /** The column of this row in which `npm test` makes a whole deploy; absent = in no column. */
  deployedIn?: string;
  /**
   * Effects that the platform's own tool repeats if the answer to the call is lost. The repetition
   * does no harm.
   */
  repeats?: readonly string[];
  /** The effects of the whole deploy, if they differ from the effects of the matrix. */
  effects?: Effects;
  /** The result if only the activity of this call runs, without the rest of the deploy. */
  adapter: AdapterEnding;
};

/** Maps the name of a column to the failure of an attempt. */
export type Fails = Partial<Record<string, Failing>>;
/**
 * 'Unavailable' = the call had no effect. 'UnknownOutcome' = the call may have had its effect.
 * After both failures, the saga retries the activity, and the activity first checks for the effect.
 * 'either' = one of the two failures, or no failure.
 */
export type Failing = 'Unavailable' | 'UnknownOutcome' | 'either';

type AdapterEnding = {
  /** How often each effect happens on the service of the call, by name. */
  effects: Effects;
  /** How an attempt fails in each column. A column is absent if the activity needs no retry. */
  fails: Fails;
  /** How a later call fails, if it fails in other ways than the first call. */
  failsLater?: Fails;
  /**
   * The commit that is served after the activity; null = no commit, or the test does not check the
   * commit.
   */
  serves: string | null;
  /**
   * The columns in which the test repeats the call; absent = all columns. Set this only if the
   * repetition takes long.
   */
  againIn?: readonly string[];
};

export type Matrix = {
  id: Platform;
  platform: string;
  rows: readonly Row[];
  /**
   * The effects on the platform of a deploy that succeeds, and of a deploy that is rolled back. The
   * effects are the same for every fault.
   */
  effects: { forward: Effects; back: Effects };
  /**
   * The cells whose activities `npm test` calls alone: the cells that `covering` chooses for this
   * table, or no cell. If `alone` is absent, `npm test` calls the activities of every cell. The nightly lane
   * always calls the activities of every cell.
   */
  alone?: 'covering' | 'none';
  /** The columns and their explanation, if the platform does not use the faults of HTTP. */
  faults?: { columns: readonly Column[]; legend: string };
  /** Effects that are not counted, because a repetition changes nothing. */
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

/** The expected effects in a cell if only the activity runs. */
export function adapterEffects({ adapter, repeats = [] }: Row, column: Column): Effects {
  const all = { ...adapter.effects };
  for (const name of losesAnswer(column) ? repeats : []) all[name] = (all[name] ?? 0) + 1;
  return all;
}

/** How many attempts suffer a lasting fault before the test repairs the fault. */
export const untilMended = 2;

/**
 * The expected failures of all attempts, in order. "some" = any number of failures, none of them
 * final.
 */
export function adapterFailures(
  { adapter: { fails, failsLater = fails }, later = [] }: Row,
  { name, every }: Column,
): Failing[] | 'some' {
  const failing = [fails, ...(later.length > 0 ? [failsLater] : [])].map((of) => of[name]);
  if (failing.includes('either')) return 'some';
  const known = failing.filter((one) => one !== undefined);
  return known.flatMap((one) => Array.from({ length: every ? untilMended : 1 }, () => one));
}

/** One call and one fault. The id is also the name of the cell's own service. */
export type Cell = { id: string; platform: Platform; row: Row; column: Column };

/** The name of the test of a cell. */
export const cellName = ({ row, column }: Pick<Cell, 'row' | 'column'>) =>
  `${row.name} × ${column.name}`;

export const cellsOf = (matrix: Matrix): Cell[] =>
  matrix.rows.flatMap((row, at) =>
    columnsOf(matrix)
      .map((column, index) => {
        const id = `${matrix.id}-${at}-${index}`;
        return { id, platform: matrix.id, row, column };
      })
      .filter(({ column }) => suffers(row, column)),
  );

/**
 * Returns true if a cell takes long. During a rollback, Plimsoll retries a call for most of a
 * minute before it pages a person.
 */
const isLong = ({ row, column }: Cell) => Boolean(row.bad && column.every);

/**
 * A small set of cells that contains every row and every column of these tables. Tables with the
 * same columns share the columns. Chooses one cell after another, each time the cell that adds the
 * most new rows and columns. Among equal cells, chooses a fast cell, then a cell of the row with the
 * fewest chosen cells, then a cell whose cause no person must repair. Only the first cell is one with
 * such a cause, because in the first table this takes the shortest time. The same tables always give
 * the same set.
 */
export function covering(...matrices: readonly Matrix[]): Cell[] {
  const all = matrices.flatMap(cellsOf);
  const taken: Cell[] = [];
  const isNew = (cell: Cell, part: 'row' | 'column') =>
    taken.every((one) => one[part] !== cell[part]);
  const gain = (cell: Cell) => Number(isNew(cell, 'row')) + Number(isNew(cell, 'column'));
  const cost = (cell: Cell) =>
    Number(isLong(cell)) * all.length + taken.filter(({ row }) => row === cell.row).length;
  const repaired = ({ column }: Cell) => Number(Boolean(column.every) === taken.length > 0);
  for (;;) {
    const ranked = all.toSorted(
      (one, other) =>
        gain(other) - gain(one) || cost(one) - cost(other) || repaired(one) - repaired(other),
    );
    const [next] = ranked;
    if (!next || gain(next) === 0) return taken;
    taken.push(next);
  }
}

export const callsOf = ({ row }: Pick<Cell, 'row'>): Call[] => [row, ...(row.later ?? [])];
export const matchOf = ({ id, column }: Cell, call: Call) => call[column.on].replaceAll('CELL', id);
