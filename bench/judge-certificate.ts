import { pathToFileURL } from 'node:url';
import { judgeDefaults } from '../domain/policy/judge/judge-defaults.ts';
import { logRateRatio } from '../domain/policy/judge/rate-ratio.ts';

/**
 * One situation: errors expected in the baseline, its length in watch windows, and looks in one
 * window.
 */
export type Cell = { meanErrors: number; windows: number; looks: number };

/** Everything this improbable together is added to the answer as if it were a false rollback. */
const neglected = 1e-9;

type Poisson = { from: number; chances: Float64Array };

/** Poisson probabilities from `from` on; what they leave out is below `neglected`. */
function poisson(mean: number): Poisson {
  const reach = 6.5 * Math.sqrt(mean) + 12;
  const from = Math.max(0, Math.floor(mean - reach));
  const to = Math.ceil(mean + reach);
  let log = -mean;
  for (let k = 1; k <= from; k += 1) log += Math.log(mean / k);
  const chances = new Float64Array(to - from + 1);
  for (let k = from; k <= to; k += 1) {
    chances[k - from] = Math.exp(log);
    log += Math.log(mean / (k + 1));
  }
  return { from, chances };
}

/**
 * Fewest errors with which the test decides for rollback at each look; never falls as looks go on.
 */
function boundary(errorsBefore: number, { windows, looks }: Cell): number[] {
  const { theta, weight, rho, a: prior, alpha } = judgeDefaults;
  const before = { errors: errorsBefore, requests: windows * looks };
  const limit = Math.log(1 / alpha);
  let errors = 0;
  return Array.from({ length: looks }, (_, k) => {
    const test = { theta, weight, rho, prior };
    while (logRateRatio({ errors, requests: k + 1 }, before, test) < limit) errors += 1;
    return errors;
  });
}

/**
 * P(the test ever decides for rollback), given the errors of the baseline, at the allowed ratio
 * exactly.
 */
function crossing(errorsBefore: number, cell: Cell, step: Poisson): number {
  const limits = boundary(errorsBefore, cell);
  const most = limits.at(-1) ?? 0;
  let alive = new Float64Array(most);
  alive[0] = 1;
  for (const limit of limits) {
    const next = new Float64Array(most);
    for (let y = 0; y < limit; y += 1) {
      const chance = alive[y] ?? 0;
      if (chance === 0) continue;
      const base = y + step.from;
      const end = Math.min(step.chances.length, limit - base);
      for (let more = 0; more < end; more += 1) next[base + more]! += chance * step.chances[more]!;
    }
    alive = next;
  }
  return 1 - alive.reduce((sum, chance) => sum + chance, 0);
}

/**
 * The probability of a false rollback when the rate rose by exactly rho, which the test must
 * tolerate: dynamic programming over every baseline and every path, no simulation. Without restarts
 * (weight 1 on the window's start); fewer errors can only make a rollback less likely, so this
 * bounds the whole null.
 */
export function falseRollback(cell: Cell): number {
  const { meanErrors, windows, looks } = cell;
  const perLook = (judgeDefaults.rho * meanErrors) / (windows * looks);
  const step = poisson(perLook);
  const before = poisson(meanErrors);
  let sum = neglected;
  for (const [index, chance] of before.chances.entries())
    if (chance > neglected / before.chances.length)
      sum += chance * crossing(before.from + index, cell, step);
    else sum += chance;
  return sum;
}

export const cells: Cell[] = [0.03, 0.5, 2, 8, 32, 128, 512, 2048].flatMap((meanErrors) =>
  // Large baselines are slow and worst where they are long.
  (meanErrors > 1000 ? [48] : [1, 2, 6, 48]).flatMap((windows) =>
    [30, 180].map((looks) => ({ meanErrors, windows, looks })),
  ),
);

function main() {
  const started = performance.now();
  let worst = 0;
  for (const cell of cells) {
    const chance = falseRollback(cell);
    worst = Math.max(worst, chance);
    const { meanErrors, windows, looks } = cell;
    const where = `${meanErrors} baseline errors, ${windows} windows long, ${looks} looks`;
    console.log(`${(chance * 100).toFixed(3)} %  ${where}`);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `worst ${(worst * 100).toFixed(3)} % of at most 0.5 %, ${cells.length} cells, ${seconds} s`,
  );
  if (worst > 0.005) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
