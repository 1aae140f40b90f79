import { pathToFileURL } from 'node:url';
import { judgeDefaults } from '../domain/watch/judge/judge-defaults.ts';
import { logRateRatio } from '../domain/watch/judge/rate-ratio.ts';

/**
 * One situation: the expected errors in the baseline, the length of the baseline in watch windows,
 * and the samples in one window.
 */
export type Cell = { meanErrors: number; windows: number; samples: number };

/**
 * Cases with a smaller probability than this, all together, are not computed. They count as false
 * rollbacks.
 */
const neglected = 1e-9;

type Poisson = { from: number; chances: Float64Array };

/**
 * Returns the Poisson probabilities for `mean`, from the count `from` on. The sum of the omitted
 * probabilities is below `neglected`.
 */
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
 * Returns one limit for each sample: with this many errors up to the sample, the test decides for a
 * rollback. The limits never decrease.
 */
function boundary(errorsBefore: number, { windows, samples }: Cell): number[] {
  const { theta, weight, rho, a: prior, alpha } = judgeDefaults;
  const before = { errors: errorsBefore, requests: windows * samples };
  const limit = Math.log(1 / alpha);
  let errors = 0;
  return Array.from({ length: samples }, (_, k) => {
    const test = { theta, weight, rho, prior };
    while (logRateRatio({ errors, requests: k + 1 }, before, test) < limit) errors += 1;
    return errors;
  });
}

/**
 * Returns the probability that the test decides for a rollback at some sample. The baseline has
 * exactly `errorsBefore` errors. `step` is the distribution of the errors in one sample.
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
 * Returns the probability of a false rollback if the error rate rises by exactly the factor rho.
 * The test must tolerate this rise. If the error rate rises less, a rollback is less likely. So the
 * probability is an upper bound for every rise up to rho. It is computed, not simulated: dynamic
 * programming covers every number of baseline errors and every sequence of samples. The test begins
 * once, at the start of the window.
 */
export function falseRollback(cell: Cell): number {
  const { meanErrors, windows, samples } = cell;
  const perSample = (judgeDefaults.rho * meanErrors) / (windows * samples);
  const step = poisson(perSample);
  const before = poisson(meanErrors);
  let sum = neglected;
  for (const [index, chance] of before.chances.entries())
    if (chance > neglected / before.chances.length)
      sum += chance * crossing(before.from + index, cell, step);
    else sum += chance;
  return sum;
}

const cells: Cell[] = [0.03, 0.5, 2, 8, 32, 128, 512, 2048].flatMap((meanErrors) =>
  // Baselines with many errors are slow to compute. So only the worst case is computed: the longest
  // baseline.
  (meanErrors > 1000 ? [48] : [1, 2, 6, 48]).flatMap((windows) =>
    [30, 180].map((samples) => ({ meanErrors, windows, samples })),
  ),
);

function main() {
  const started = performance.now();
  let worst = 0;
  for (const cell of cells) {
    const chance = falseRollback(cell);
    worst = Math.max(worst, chance);
    const { meanErrors, windows, samples } = cell;
    const where = `${meanErrors} baseline errors, ${windows} windows long, ${samples} samples`;
    console.log(`${(chance * 100).toFixed(3)} %  ${where}`);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `worst probability ${(worst * 100).toFixed(3)} %, limit 0.5 %: ${cells.length} cells in ${seconds} s`,
  );
  if (worst > 0.005) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
