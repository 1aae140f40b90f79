import { expect, test } from 'vitest';
import type { Baseline, Sample, WatchPlan, WatchVerdict } from '../../../domain/deploy/plan.ts';
import { judgeDefaults } from '../../../domain/watch/judge/judge-defaults.ts';
import { judgeWatch } from '../../../domain/watch/watch.ts';
import { failing, samples, watch } from './watch-facts.ts';

const strict: WatchPlan = {
  ...watch,
  sources: watch.sources.map((source) => ({ ...source, required: true })),
};
/** A baseline of one day: one request per second, and one error in a hundred requests. */
const baseline: Baseline = { errors: 864, requests: 86_400, phi: 1, tau: 0 };

type Row = {
  name: string;
  samples: Sample[];
  baseline?: Baseline | null;
  watch?: WatchPlan;
  early?: true;
  verdict: WatchVerdict['verdict'];
  reason: string;
};
const rows: Row[] = [
  {
    name: 'a clean half hour without traffic passes by probes alone',
    samples: samples(180, () => ({ log: null })),
    baseline: null,
    verdict: 'pass',
    reason: 'probes: healthy: 0 of 180 samples failed',
  },
  {
    name: 'lines that could not be read are told',
    samples: samples(180, (k) => (k === 7 ? { unread: [3, 40] } : {})),
    baseline: { errors: 10, requests: 86_400, phi: 1, tau: 0 },
    verdict: 'pass',
    reason:
      'error-log: inconclusive: 0 errors in 30 min (before the deploy: 10 in 24 h); ' +
      '3 of 40 log lines could not be read; evidence of health 0.22, needs 3',
  },
  {
    name: 'a required log that can hardly be read is no data, so it is never a pass',
    samples: samples(180, () => ({ unread: [30, 40] })),
    watch: strict,
    baseline,
    verdict: 'inconclusive',
    reason:
      'error-log: no data: no answer on 180 of 180 samples (at most 20 % may be missing); ' +
      '5,400 of 7,200 log lines could not be read',
  },
  {
    name: 'the errors of a log that can hardly be read decide against the release',
    samples: samples(20, () => ({ log: [9, 10], unread: [30, 40] })),
    early: true,
    baseline: { errors: 10, requests: 86_400, phi: 1, tau: 0 },
    verdict: 'fail',
    reason:
      'error-log: 180 errors in 200 s (before the deploy: 10 in 24 h); ' +
      '600 of 800 log lines could not be read. Bad since sample 1 (evidence 54.14, limit 5.3)',
  },
  {
    name: 'the same before the end is open',
    samples: samples(179),
    early: true,
    verdict: 'open',
    reason: 'probes: healthy: 0 of 179 samples failed',
  },
  {
    name: 'four failed looks in a row fail at once',
    samples: samples(4, failing(0)),
    early: true,
    verdict: 'fail',
    reason:
      'probes: 4 of 4 samples failed, last: core /healthz answered 500. Bad since sample 4 (evidence 5.34, limit 5.3)',
  },
  {
    name: 'three do not',
    samples: samples(3, failing(0)),
    early: true,
    verdict: 'open',
    reason:
      'probes: inconclusive: 3 of 3 samples failed, last: core /healthz answered 500; evidence of health 0, needs 3',
  },
  {
    name: 'an outage after 100 clean looks fails in four',
    samples: samples(104, failing(100)),
    early: true,
    verdict: 'fail',
    reason:
      'probes: 4 of 104 samples failed, last: core /healthz answered 500. Bad since sample 104 (evidence 5.47, limit 5.3)',
  },
  {
    name: 'errors far above the baseline fail although every probe is clean',
    samples: samples(60, (k) => ({ log: [k < 30 ? 0 : 3, 10] })),
    baseline,
    early: true,
    verdict: 'fail',
    reason:
      'error-log: 90 errors in 10 min (before the deploy: 864 in 24 h). Bad since sample 32 (evidence 7.94, limit 5.3)',
  },
  {
    name: 'an advisory source counts against a release too',
    samples: samples(180, (k) => ({ log: [k > 170 ? 5 : 0, 10] })),
    baseline,
    verdict: 'fail',
    reason:
      'error-log: 45 errors in 30 min (before the deploy: 864 in 24 h). Bad since sample 174 (evidence 7.73, limit 5.3)',
  },
  {
    name: 'a advisory source without data is reported and does not stop a pass',
    samples: samples(180, () => ({ log: null })),
    baseline,
    verdict: 'pass',
    reason:
      'error-log: no data (advisory): no answer on 180 of 180 samples (at most 20 % may be missing)',
  },
  {
    name: 'a required source without data is inconclusive',
    samples: samples(180, () => ({ log: null })),
    baseline,
    watch: strict,
    verdict: 'inconclusive',
    reason: 'the required source "error-log" had no data: the watch is inconclusive',
  },
  {
    name: 'a required error log without a baseline is a question',
    samples: samples(180),
    baseline: null,
    watch: strict,
    verdict: 'inconclusive',
    reason: 'error-log: no data: there is no baseline to compare with',
  },
  {
    name: 'probes without data on more than a fifth of the samples are inconclusive',
    samples: samples(180, (k) => ({ probe: k % 4 === 0 ? null : 0 })),
    baseline,
    verdict: 'inconclusive',
    reason: 'probes: no data: no answer on 45 of 180 samples (at most 20 % may be missing)',
  },
  {
    name: 'probes without data on a fifth are not',
    samples: samples(180, (k) => ({ probe: k % 5 === 0 ? null : 0 })),
    baseline,
    verdict: 'pass',
    reason: 'probes: healthy: 0 of 144 samples failed',
  },
  {
    name: 'probes without data on the last six samples are inconclusive',
    samples: samples(180, (k) => ({ probe: k >= 174 ? null : 0 })),
    baseline,
    verdict: 'inconclusive',
    reason: 'probes: no data: no answer on the last 6 samples',
  },
  {
    name: 'a worker that was away for most of the window is a question',
    samples: samples(180).filter(({ at }) => at <= 500_000 || at >= 1_500_000),
    baseline,
    verdict: 'inconclusive',
    reason: 'probes: no data: no sample was taken during 56 % of the time (at most 50 %)',
  },
  {
    name: 'no sample at all is inconclusive',
    samples: [],
    baseline,
    verdict: 'inconclusive',
    reason: 'probes: no data: no sample was taken',
  },
  {
    name: 'too few looks to prove health are a question',
    samples: samples(60),
    baseline: null,
    verdict: 'inconclusive',
    reason: 'no source proved health within the window',
  },
  {
    name: 'a site that fails on the last look is a question, however clean it was',
    samples: samples(180, failing(179)),
    baseline,
    verdict: 'inconclusive',
    reason: '"probes" is failing or close to its limit as the window ends',
  },
  {
    name: 'evidence close to the limit at the end is a question',
    samples: samples(180, (k) => ({ log: [k >= 166 ? 1 : 0, 10] })),
    baseline,
    verdict: 'inconclusive',
    reason: '"error-log" is failing or close to its limit as the window ends',
  },
  {
    name: 'without probes nothing passes',
    samples: samples(180, () => ({ log: [0, 1000] })),
    baseline,
    watch: { ...watch, sources: [{ name: 'error-log', required: true, share: 1 }] },
    verdict: 'inconclusive',
    reason: 'no probes were planned',
  },
  {
    name: 'constants that cannot be computed with are no data, never a pass',
    samples: samples(180),
    baseline,
    watch: { ...watch, judge: { ...judgeDefaults, beta: 2 } },
    verdict: 'inconclusive',
    reason: 'probes: no data: alpha and beta must lie between 0 and 1',
  },
];

test.each(rows)('$name', ({ verdict, reason, early, baseline: before = null, ...row }) => {
  const judged = judgeWatch({ watch, ...row, baseline: before, final: !early });
  expect(judged.verdict).toBe(verdict);
  expect(judged.samples).toBe(row.samples.length);
  expect(judged.reasons).toContain(reason);
});

test('the threshold is split: what crosses with all of alpha does not with a small share', () => {
  const probesWith = (share: number): WatchPlan => ({
    ...watch,
    sources: [{ name: 'probes', required: true, share }],
  });
  const facts = { baseline: null, samples: samples(4, failing(0)), final: false };
  expect(judgeWatch({ ...facts, watch: probesWith(1) }).verdict).toBe('fail');
  expect(judgeWatch({ ...facts, watch: probesWith(0.1) }).verdict).toBe('open');
});

test('errors whose access-log line is late count as requests, not as infinity', () => {
  const late = samples(10, () => ({ log: [1, 0] }));
  const counted = samples(10, () => ({ log: [1, 1] }));
  const facts = { watch, baseline, final: false };
  expect(judgeWatch({ ...facts, samples: late }).sources).toEqual(
    judgeWatch({ ...facts, samples: counted }).sources,
  );
});
