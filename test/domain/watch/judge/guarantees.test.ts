import { expect, test } from 'vitest';
import { judgeDefaults as config } from '../../../../domain/watch/judge/judge-defaults.ts';
import { judgeObjective } from '../../../../domain/watch/judge/judge-objective.ts';
import { isInvalid, type Judgement } from '../../../../domain/watch/judge/judgement.ts';
import { concurrentLogE } from '../../../../domain/watch/judge/rate-ratio.ts';

/**
 * Returns a generator of uniform random numbers (algorithm mulberry32). The same seed gives the
 * same numbers.
 */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function objective(samples: (0 | 1)[], plannedSamples = 180): Judgement {
  const result = judgeObjective({ samples, plannedSamples, config });
  if (isInvalid(result)) throw new Error(result.invalid);
  return result;
}

const choose = (n: number, k: number): number =>
  k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k;

/**
 * Returns the probability of each number of errors on the new release (Fisher's noncentral
 * hypergeometric distribution). The odds of an error on the new release are `odds` times the odds
 * on the old release.
 */
function arms(errors: number, fresh: number, control: number, odds: number) {
  const from = Math.max(0, errors - control);
  const to = Math.min(errors, fresh);
  const weights = Array.from({ length: to - from + 1 }, (_, i) => {
    const onFresh = from + i;
    const ways = choose(fresh, onFresh) * choose(control, errors - onFresh);
    return { onFresh, chance: ways * odds ** onFresh };
  });
  const sum = weights.reduce((total, { chance }) => total + chance, 0);
  return weights.map(({ onFresh, chance }) => ({ onFresh, chance: chance / sum }));
}

const pairs = [1, 2, 5, 10, 40].flatMap((fresh) =>
  [1, 3, 10, 60].map((control) => ({ fresh, control })),
);
test.each(pairs)(
  'concurrent: the expected e-value is at most 1 for $fresh new and $control control requests',
  ({ fresh, control }) => {
    for (const odds of [0.5, 1, config.rho])
      for (let errors = 0; errors <= Math.min(12, fresh + control); errors += 1) {
        const mean = arms(errors, fresh, control, odds).reduce((sum, { onFresh, chance }) => {
          const block = {
            fresh: { errors: onFresh, requests: fresh },
            control: { errors: errors - onFresh, requests: control },
          };
          return sum + chance * Math.exp(concurrentLogE([block], config)[0] ?? NaN);
        }, 0);
        expect(mean).toBeLessThanOrEqual(1 + 1e-12);
      }
  },
);

test('concurrent over two blocks: the expected e-value is still at most 1', () => {
  const outcomes = arms(3, 10, 10, config.rho).flatMap((first) =>
    arms(2, 5, 20, config.rho).map((second) => ({ first, second })),
  );
  const mean = outcomes.reduce((sum, { first, second }) => {
    const blocks = [
      {
        fresh: { errors: first.onFresh, requests: 10 },
        control: { errors: 3 - first.onFresh, requests: 10 },
      },
      {
        fresh: { errors: second.onFresh, requests: 5 },
        control: { errors: 2 - second.onFresh, requests: 20 },
      },
    ];
    const value = Math.exp(concurrentLogE(blocks, config).at(-1) ?? NaN);
    return sum + first.chance * second.chance * value;
  }, 0);
  expect(mean).toBeLessThanOrEqual(1 + 1e-12);
});

/**
 * Returns the expected value of `value` over all series of samples. Each sample fails with the
 * probability `rate`.
 */
function expectation(samples: number, rate: number, value: (judged: Judgement) => number): number {
  let sum = 0;
  for (let bits = 0; bits < 2 ** samples; bits += 1) {
    const series = Array.from({ length: samples }, (_, k): 0 | 1 => ((bits >> k) & 1) as 0 | 1);
    const failed = series.filter(Boolean).length;
    sum += rate ** failed * (1 - rate) ** (samples - failed) * value(objective(series, 8));
  }
  return sum;
}

test.each([1, 4, 8, 10])(
  'objective: after %i looks E and H are e-values at p0, by enumeration',
  (samples) => {
    const { p0 } = config.objective;
    const stoppedE = expectation(samples, p0, ({ logE }) => Math.exp(logE.at(-1) ?? NaN));
    expect(stoppedE).toBeCloseTo(1, 9);
    // In theory H continues after the sample that causes the rollback. In this test H stops there,
    // like E. The expected value of H stays the same.
    expect(expectation(samples, p0, ({ logH }) => Math.exp(logH.at(-1) ?? NaN))).toBeCloseTo(1, 9);
    expect(expectation(samples, p0 / 2, ({ logE }) => Math.exp(logE.at(-1) ?? NaN))).toBeLessThan(
      1,
    );
  },
);

function share(rate: number, runs: number, verdict: Judgement['verdict']): number {
  const random = uniform(20_240_601);
  let hits = 0;
  for (let run = 0; run < runs; run += 1) {
    const samples = Array.from({ length: 180 }, (): 0 | 1 => (random() < rate ? 1 : 0));
    if (objective(samples).verdict === verdict) hits += 1;
  }
  return hits / runs;
}

test('objective: false rollback at p0 over half an hour is at most 1 %', () => {
  expect(share(config.objective.p0, 4000, 'rollback')).toBeLessThanOrEqual(0.01);
});

test('objective: a release at p0 is called healthy in at most 5 %, one at 0.1 % nearly always', () => {
  expect(share(config.objective.p0, 2000, 'healthy')).toBeLessThanOrEqual(0.05);
  expect(share(0.001, 500, 'healthy')).toBeGreaterThanOrEqual(0.99);
});

test.each([0, 1, 50, 100, 170])(
  'objective: an outage after %i clean looks is decided in 4',
  (clean) => {
    const samples = [...Array<0>(clean).fill(0), ...Array<1>(6).fill(1)];
    expect(objective(samples).rollbackAtSample).toBe(clean + 4);
  },
);

test('objective: 69 clean looks prove health, 68 do not', () => {
  expect(objective(Array<0>(68).fill(0)).verdict).toBe('inconclusive');
  expect(objective(Array<0>(69).fill(0)).verdict).toBe('healthy');
});
