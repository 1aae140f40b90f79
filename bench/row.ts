/** One measured figure. `met` is null if the figure has no limit. */
export type Row = { what: string; figure: string; budget: string; met: boolean | null };

export const ms = (value: number) => `${Math.round(value)} ms`;
export const seconds = (value: number) => `${(value / 1000).toFixed(2)} s`;
export const ratio = (one: number, other: number) => `${(one / other).toFixed(2)} x`;

export const median = (values: number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Returns a row for a figure that has a limit. */
export const within = (what: string, value: number, limit: number, show = seconds): Row => ({
  what,
  figure: show(value),
  budget: `<= ${show(limit)}`,
  met: value <= limit,
});

export const plain = (what: string, figure: string): Row => ({
  what,
  figure,
  budget: '',
  met: null,
});

const wide = 52;

export function print(rows: Row[]) {
  const words = { true: 'met', false: 'NOT MET', null: '' };
  for (const { what, figure, budget, met } of rows) {
    const line = `${what.padEnd(wide)}  ${figure.padStart(10)}  ${budget.padEnd(12)}  `;
    process.stdout.write(`${line}${words[`${met}`]}`.trimEnd() + '\n');
  }
}
