import fc from 'fast-check';
import { expect, test } from 'vitest';
import { combineLogE } from '../../../../domain/watch/judge/combine.ts';
import { dispersion, mostPhi, mostTau } from '../../../../domain/watch/judge/dispersion.ts';
import { judgeDefaults as config } from '../../../../domain/watch/judge/judge-defaults.ts';
import { judgeObjective } from '../../../../domain/watch/judge/judge-objective.ts';
import { judgeRatio, type RatioInput } from '../../../../domain/watch/judge/judge-ratio.ts';
import { isInvalid, type Judgement } from '../../../../domain/watch/judge/judgement.ts';
import { concurrentLogE, logRateRatio } from '../../../../domain/watch/judge/rate-ratio.ts';

const largest = Number.MAX_SAFE_INTEGER;
const small = fc.nat({ max: 500 });
const huge = fc.oneof(fc.nat({ max: 1e6 }), fc.maxSafeNat(), fc.constantFrom(0, 1e-300, largest));
const samplesOf = (part: fc.Arbitrary<number>) =>
  fc.array(fc.tuple(part, part), { minLength: 1, maxLength: 40 });
const baselineOf = (part: fc.Arbitrary<number>) =>
  fc.record({
    errors: part,
    requests: part,
    phi: fc.double({ min: 1, max: 30, noNaN: true }),
    tau: fc.double({ min: 0, max: 2, noNaN: true }),
  });

function judged(input: Omit<RatioInput, 'config'>): Judgement {
  const result = judgeRatio({ ...input, config });
  if (isInvalid(result)) throw new Error(result.invalid);
  return result;
}

test('one more error never lowers ln E at that look', () => {
  fc.assert(
    fc.property(baselineOf(small), samplesOf(small), fc.nat(), (baseline, series, pick) => {
      const at = pick % series.length;
      const more = series.map(([y, n], k): [number, number] => [k === at ? y + 1 : y, n]);
      const before = judged({ baseline, series }).logE[at] ?? NaN;
      const after = judged({ baseline, series: more }).logE[at] ?? NaN;
      expect(after).toBeGreaterThanOrEqual(before - 1e-9 * Math.max(1, Math.abs(before)));
    }),
  );
});

test('a look without data changes no M: without restarts ln E and ln H stay what they were', () => {
  const single = { ...config, onset: [0], onsetWeight: [1] };
  fc.assert(
    fc.property(baselineOf(small), samplesOf(small), (baseline, series) => {
      const input = { baseline, config: single, plannedSamples: 50 };
      const plain = judgeRatio({ ...input, series });
      const padded = judgeRatio({ ...input, series: [...series, [0, 0]] });
      if (isInvalid(plain) || isInvalid(padded)) throw new Error('the judge refused a series');
      expect(padded.logE.at(-1)).toBe(plain.logE.at(-1));
      expect(padded.logH.at(-1)).toBe(plain.logH.at(-1));
    }),
  );
});

test('no data at all is no evidence: ln E and ln H are 0', () => {
  fc.assert(
    fc.property(baselineOf(small), fc.integer({ min: 1, max: 60 }), (baseline, samples) => {
      const { logE, logH, verdict } = judged({ baseline, series: Array(samples).fill([0, 0]) });
      for (const value of [...logE, ...logH]) expect(Math.abs(value)).toBeLessThan(1e-12);
      expect(verdict).toBe('inconclusive');
    }),
  );
});

test('one error can never roll back, whatever the baseline, even an empty one', () => {
  const bound = config.theta.reduce(
    (sum, t, k) => sum + (t * (config.weight[k] ?? 0)) / config.rho,
    0,
  );
  expect(bound).toBeCloseTo(26.1, 1);
  fc.assert(
    fc.property(baselineOf(huge), samplesOf(huge), fc.nat(), (baseline, samples, pick) => {
      const at = pick % samples.length;
      const series = samples.map(([, n], k): [number, number] => [k === at ? 1 : 0, n]);
      const { logE, verdict } = judged({ baseline, series });
      expect(Math.max(...logE)).toBeLessThanOrEqual(Math.log(bound) + 1e-9);
      expect(verdict).not.toBe('rollback');
    }),
  );
});

test('the same input gives the same bits', () => {
  fc.assert(
    fc.property(baselineOf(huge), samplesOf(huge), (baseline, series) => {
      expect(judged({ baseline, series })).toStrictEqual(judged({ baseline, series }));
    }),
  );
});

test('numbers of any size give numbers that JSON can carry', () => {
  fc.assert(
    fc.property(baselineOf(huge), samplesOf(huge), (baseline, series) => {
      const { logE, logH } = judged({ baseline, series, absoluteFloor: 0.0005 });
      expect([...logE, ...logH].every(Number.isFinite)).toBe(true);
      expect([logE.length, logH.length]).toEqual([series.length, series.length]);
    }),
  );
});

test('any input whatever is judged or refused, never thrown at', () => {
  const odd = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -1, 0, largest + 1));
  fc.assert(
    fc.property(baselineOf(odd), samplesOf(odd), odd, (baseline, series, plannedSamples) => {
      const ratio = judgeRatio({ baseline, series, plannedSamples, config });
      expect(isInvalid(ratio) || ratio.logE.every(Number.isFinite)).toBe(true);
      const samples = series.map(([y]) => y as 0 | 1);
      const objective = judgeObjective({ samples, plannedSamples, config });
      expect(isInvalid(objective) || objective.logE.every(Number.isFinite)).toBe(true);
    }),
  );
});

test('an absolute floor can only hold a rollback back', () => {
  fc.assert(
    fc.property(baselineOf(small), samplesOf(small), (baseline, series) => {
      const plain = judged({ baseline, series }).logE;
      const floored = judged({ baseline, series, absoluteFloor: 0.01 }).logE;
      floored.forEach((value, k) => expect(value).toBeLessThanOrEqual(plain[k] ?? NaN));
    }),
  );
  const baseline = { errors: 1, requests: 1e6 };
  const series: [number, number][] = Array(10).fill([1, 10_000]);
  expect(judged({ baseline, series }).verdict).toBe('rollback');
  expect(judged({ baseline, series, absoluteFloor: 0.0005 }).verdict).not.toBe('rollback');
});

test('combining never does better than its best metric, nor worse than its weighted best', () => {
  const logE = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), {
    minLength: 3,
    maxLength: 3,
  });
  fc.assert(
    fc.property(logE, (values) => {
      const combined = combineLogE(values, [0.5, 0.3, 0.2]);
      expect(combined).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
      expect(combined).toBeGreaterThanOrEqual((values[0] ?? 0) + Math.log(0.5) - 1e-9);
    }),
  );
});

test('dispersion never flatters: phi at least 1, tau at least 0, and finite', () => {
  const bucket = fc.record({ errors: huge, requests: huge });
  fc.assert(
    fc.property(fc.array(bucket), fc.integer({ min: -1, max: 8 }), (buckets, group) => {
      const { phi, tau } = dispersion(buckets, { group });
      expect(phi).toBeGreaterThanOrEqual(1);
      expect(tau).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(phi) && Number.isFinite(tau)).toBe(true);
    }),
  );
});

test('dispersion of a baseline with almost no requests is as large as the judge accepts', () => {
  const buckets = [
    { errors: 0, requests: 1e-300 },
    { errors: 359_538_627, requests: 1e-300 },
    { errors: 0, requests: 0 },
  ];
  expect(dispersion(buckets, { group: 1 })).toEqual({ phi: mostPhi, tau: mostTau });
});

test('bursts in the baseline are given half as much again, and too short a baseline its default', () => {
  const buckets = [0, 40, 0, 0, 35, 0, 0, 45].map((errors) => ({ errors, requests: 1000 }));
  expect(dispersion(buckets, { group: 2 }).phi).toBeCloseTo(1.5 * 29.047619, 5);
  expect(dispersion(buckets, { group: 4 })).toEqual({ phi: 1, tau: 0.15 });
});

test.each<[string, Parameters<typeof judgeRatio>[0], string]>([
  [
    'a negative count',
    { baseline: { errors: -1, requests: 10 }, config, series: [[0, 1]] },
    'the baseline has errors -1 and requests 10; both must be from 0 to 9007199254740991',
  ],
  [
    'a look that is no number',
    {
      baseline: { errors: 1, requests: 10 },
      config,
      series: [
        [0, 1],
        [NaN, 1],
      ],
    },
    'sample 2 has errors NaN and requests 1; both must be from 0 to 9007199254740991',
  ],
  [
    'phi below 1',
    { baseline: { errors: 1, requests: 10, phi: 0.5 }, config, series: [] },
    'phi is 0.5; phi must be from 1 to 1000000000',
  ],
  [
    'no planned look',
    { baseline: { errors: 1, requests: 10 }, config, series: [], plannedSamples: 0 },
    'plannedSamples is 0; it must be a whole number from 1 to 999999',
  ],
  [
    'weights above 1, which would void the guarantee',
    { baseline: { errors: 1, requests: 10 }, config: { ...config, weightOk: [1, 1] }, series: [] },
    'weightOk must have one weight for each thetaOk, with a sum of at most 1',
  ],
  [
    'an alternative that is allowed',
    { baseline: { errors: 1, requests: 10 }, config: { ...config, rho: 2 }, series: [] },
    'every theta must be above rho',
  ],
])('refused in words: %s', (_, input, why) => {
  expect(judgeRatio(input)).toEqual({ invalid: why });
});

test('a look that is neither 0 nor 1 is refused', () => {
  expect(judgeObjective({ samples: [0, 2 as 1], plannedSamples: 9, config })).toEqual({
    invalid: 'sample 2 is 2; it must be 0 or 1',
  });
});

test('errors without a single request stay finite', () => {
  const none = { errors: 0, requests: 0 };
  const form = { ...config, prior: 1 };
  expect(logRateRatio({ errors: 3, requests: 0 }, none, form)).toBeGreaterThan(0);
  const blocks = [{ fresh: { errors: 1, requests: 0 }, control: none }];
  expect(concurrentLogE(blocks, config).every(Number.isFinite)).toBe(true);
});
