import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { combineLogE } from '../../../../domain/watch/judge/combine.ts';
import { dispersion } from '../../../../domain/watch/judge/dispersion.ts';
import { judgeDefaults } from '../../../../domain/watch/judge/judge-defaults.ts';
import { judgeObjective } from '../../../../domain/watch/judge/judge-objective.ts';
import { judgeRatio } from '../../../../domain/watch/judge/judge-ratio.ts';
import type { Invalid, Judgement } from '../../../../domain/watch/judge/judgement.ts';
import { concurrentLogE } from '../../../../domain/watch/judge/rate-ratio.ts';

type Overrides = { alpha?: number; onset?: number[]; onset_weight?: number[] };
type Named = { name: string; expected: Judgement };
type Vectors = {
  tolerance: number;
  defaults: Record<string, unknown>;
  cases: (Named & {
    baseline: { errors: number; requests: number; phi?: number; tau?: number };
    config: Overrides;
    series: [number, number][];
  })[];
  concurrent: { name: string; blocks: number[][]; expected: number[] }[];
  combine: { logE: number[]; weight: number[]; expected: number }[];
  dispersion: {
    name: string;
    errors: number[];
    requests: number[];
    group: number;
    safety: number;
    expected: { phi: number; tau: number };
  }[];
  objective: { cases: (Named & { samples: (0 | 1)[]; plannedSamples: number })[] } & Record<
    string,
    unknown
  >;
};
const fixture = new URL('../../../fixtures/sequential-test.json', import.meta.url);
const vectors = JSON.parse(readFileSync(fixture, 'utf8')) as Vectors;

function expectClose(actual: number[], expected: number[]) {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, k) => {
    const allowed = vectors.tolerance * Math.max(1, Math.abs(value));
    expect(Math.abs((actual[k] ?? NaN) - value), `look ${k + 1}`).toBeLessThanOrEqual(allowed);
  });
}

function expectJudgement(actual: Judgement | Invalid, expected: Judgement) {
  if ('invalid' in actual) throw new Error(actual.invalid);
  expectClose(actual.logE, expected.logE);
  expectClose(actual.logH, expected.logH);
  expect(actual.verdict).toBe(expected.verdict);
  expect(actual.rollbackAtSample).toBe(expected.rollbackAtSample);
}

test.each(vectors.cases)('ratio: $name', ({ baseline, config, series, expected }) => {
  const { onset_weight: onsetWeight, ...rest } = config;
  const given = { ...judgeDefaults, ...rest, ...(onsetWeight ? { onsetWeight } : {}) };
  expectJudgement(judgeRatio({ baseline, config: given, series }), expected);
});

test.each(vectors.objective.cases)('objective: $name', ({ samples, plannedSamples, expected }) => {
  expectJudgement(judgeObjective({ samples, plannedSamples, config: judgeDefaults }), expected);
});

test.each(vectors.concurrent)('concurrent: $name', ({ blocks, expected }) => {
  const parsed = blocks.map(([x = NaN, n = NaN, y = NaN, m = NaN]) => ({
    fresh: { errors: x, requests: n },
    control: { errors: y, requests: m },
  }));
  expectClose(concurrentLogE(parsed, judgeDefaults), expected);
});

test('combine: the weighted average of several metrics', () => {
  for (const { logE, weight, expected } of vectors.combine)
    expectClose([combineLogE(logE, weight)], [expected]);
});

test.each(vectors.dispersion)(
  'dispersion: $name',
  ({ errors, requests, group, safety, expected }) => {
    const buckets = errors.map((count, i) => ({ errors: count, requests: requests[i] ?? NaN }));
    const { phi, tau } = dispersion(buckets, { group, safety });
    expectClose([phi, tau], [expected.phi, expected.tau]);
  },
);

test('the defaults are the constants of the vectors', () => {
  const { rhoBad, thetaOk, weightOk, onsetWeight, objective, ...same } = judgeDefaults;
  expect(vectors.defaults).toEqual({
    ...same,
    rho_bad: rhoBad,
    theta_ok: thetaOk,
    weight_ok: weightOk,
    onset_weight: onsetWeight,
  });
  expect(vectors.objective).toMatchObject(objective);
});
