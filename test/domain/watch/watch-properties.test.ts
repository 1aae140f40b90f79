import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Sample } from '../../../domain/deploy/plan.ts';
import { judgeWatch } from '../../../domain/watch/watch.ts';
import { failing, samples, watch } from './watch-facts.ts';

const anySample = fc.record({
  probe: fc.constantFrom<0 | 1 | null>(0, 0, 0, 0, 0, 1, null),
  log: fc.option(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 500 })), { nil: null }),
});
const anySamples = fc
  .array(anySample, { maxLength: 200 })
  .map((answers) => answers.map((answer, k): Sample => ({ at: (k + 1) * 10_000, ...answer })));
const anyBaseline = fc.option(
  fc.record({
    errors: fc.nat({ max: 1000 }),
    requests: fc.nat({ max: 1e6 }),
    phi: fc.constantFrom(1, 3),
    tau: fc.constantFrom(0, 0.15),
  }),
  { nil: null },
);

test('never a pass or a question before the end', () => {
  fc.assert(
    fc.property(anySamples, anyBaseline, (taken, before) => {
      const { verdict } = judgeWatch({ watch, baseline: before, samples: taken, final: false });
      expect(['open', 'fail']).toContain(verdict);
    }),
  );
});

test('the end always has an answer, and a fail does not depend on it', () => {
  fc.assert(
    fc.property(anySamples, anyBaseline, (taken, before) => {
      const facts = { watch, baseline: before, samples: taken };
      const open = judgeWatch({ ...facts, final: false });
      const ended = judgeWatch({ ...facts, final: true });
      expect(ended.verdict).not.toBe('open');
      expect(ended.verdict === 'fail').toBe(open.verdict === 'fail');
      expect(ended.reasons.length).toBeGreaterThan(0);
    }),
  );
});

test('only failing probes fail in four looks, whatever the error log says', () => {
  fc.assert(
    fc.property(anySamples, anyBaseline, fc.nat({ max: 170 }), (noise, before, clean) => {
      const taken = samples(clean + 4, failing(clean)).map((sample, k) => ({
        ...sample,
        log: noise[k]?.log ?? null,
      }));
      const { verdict } = judgeWatch({ watch, baseline: before, samples: taken, final: false });
      expect(verdict).toBe('fail');
    }),
  );
});

test('probes without data never pass', () => {
  fc.assert(
    fc.property(anySamples, anyBaseline, (taken, before) => {
      const blind = taken.map((sample) => ({ ...sample, probe: null }));
      const { verdict } = judgeWatch({ watch, baseline: before, samples: blind, final: true });
      expect(['inconclusive', 'fail']).toContain(verdict);
    }),
  );
});

/** Generates the samples of half an hour. At most eight of them are not clean. */
const nearlyClean = fc
  .array(fc.tuple(fc.nat({ max: 179 }), anySample), { maxLength: 8 })
  .map((blemishes) => samples(180, (k) => blemishes.find(([at]) => at === k)?.[1] ?? {}));

test('a pass has a source that proved health, and a clean newest look', () => {
  let passes = 0;
  fc.assert(
    fc.property(nearlyClean, anyBaseline, (taken, before) => {
      const judged = judgeWatch({ watch, baseline: before, samples: taken, final: true });
      const proven = judged.sources.some((source) => source.verdict === 'healthy');
      const newest = taken.findLast(({ probe }) => probe !== null)?.probe;
      if (judged.verdict === 'pass') passes += 1;
      expect(judged.verdict !== 'pass' || (proven && newest === 0)).toBe(true);
    }),
    { numRuns: 300 },
  );
  expect(passes).toBeGreaterThan(0);
});
