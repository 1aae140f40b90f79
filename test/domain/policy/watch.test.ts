import { expect, test } from 'vitest';
import type { Baseline, Look, WatchPlan, WatchVerdict } from '../../../domain/plan.ts';
import { judgeDefaults } from '../../../domain/policy/judge/judge-defaults.ts';
import { judgeWatch } from '../../../domain/policy/watch.ts';
import { failing, looks, watch } from './watch-facts.ts';

const strict: WatchPlan = {
  ...watch,
  sources: watch.sources.map((source) => ({ ...source, required: true })),
};
/** A day of seconds with one error in a hundred. */
const baseline: Baseline = { errors: 864, requests: 86_400, phi: 1, tau: 0 };

type Row = {
  name: string;
  looks: Look[];
  baseline?: Baseline | null;
  watch?: WatchPlan;
  early?: true;
  verdict: WatchVerdict['verdict'];
  reason: string;
};
const rows: Row[] = [
  {
    name: 'a clean half hour without traffic passes by probes alone',
    looks: looks(180, () => ({ log: null })),
    baseline: null,
    verdict: 'pass',
    reason: 'probes: healthy: 0 of 180 looks failed',
  },
  {
    name: 'the same before the end is open',
    looks: looks(179),
    early: true,
    verdict: 'open',
    reason: 'probes: healthy: 0 of 179 looks failed',
  },
  {
    name: 'four failed looks in a row fail at once',
    looks: looks(4, failing(0)),
    early: true,
    verdict: 'fail',
    reason:
      'probes: bad since look 4: 4 of 4 looks failed, last: core /healthz answered 500; evidence 5.34, limit 5.3',
  },
  {
    name: 'three do not',
    looks: looks(3, failing(0)),
    early: true,
    verdict: 'open',
    reason:
      'probes: inconclusive: 3 of 3 looks failed, last: core /healthz answered 500; evidence of health 0, needs 3',
  },
  {
    name: 'an outage after 100 clean looks fails in four',
    looks: looks(104, failing(100)),
    early: true,
    verdict: 'fail',
    reason:
      'probes: bad since look 104: 4 of 104 looks failed, last: core /healthz answered 500; evidence 5.47, limit 5.3',
  },
  {
    name: 'errors far above the baseline fail although every probe is clean',
    looks: looks(60, (k) => ({ log: [k < 30 ? 0 : 3, 10] })),
    baseline,
    early: true,
    verdict: 'fail',
    reason:
      'error-log: bad since look 32: 90 errors in 600 seconds (15 %, before the deploy 1 %); evidence 7.94, limit 5.3',
  },
  {
    name: 'an advisory source counts against a release too',
    looks: looks(180, (k) => ({ log: [k > 170 ? 5 : 0, 10] })),
    baseline,
    verdict: 'fail',
    reason:
      'error-log: bad since look 174: 45 errors in 1,800 seconds (2.5 %, before the deploy 1 %); evidence 7.73, limit 5.3',
  },
  {
    name: 'a blind advisory source is said and does not stop a pass',
    looks: looks(180, () => ({ log: null })),
    baseline,
    verdict: 'pass',
    reason:
      'error-log: blind (advisory): no answer on 180 of 180 looks (at most 20 % may be missing)',
  },
  {
    name: 'a blind required source is a question',
    looks: looks(180, () => ({ log: null })),
    baseline,
    watch: strict,
    verdict: 'ask',
    reason: 'the required source "error-log" was blind: nobody knows',
  },
  {
    name: 'a required error log without a baseline is a question',
    looks: looks(180),
    baseline: null,
    watch: strict,
    verdict: 'ask',
    reason: 'error-log: blind: there is no baseline to compare with',
  },
  {
    name: 'probes blind on more than a fifth of the looks are a question',
    looks: looks(180, (k) => ({ probe: k % 4 === 0 ? null : 0 })),
    baseline,
    verdict: 'ask',
    reason: 'probes: blind: no answer on 45 of 180 looks (at most 20 % may be missing)',
  },
  {
    name: 'probes blind on a fifth are not',
    looks: looks(180, (k) => ({ probe: k % 5 === 0 ? null : 0 })),
    baseline,
    verdict: 'pass',
    reason: 'probes: healthy: 0 of 144 looks failed',
  },
  {
    name: 'probes blind on the last six looks are a question',
    looks: looks(180, (k) => ({ probe: k >= 174 ? null : 0 })),
    baseline,
    verdict: 'ask',
    reason: 'probes: blind: no answer on the last 6 looks',
  },
  {
    name: 'a worker that was away for most of the window is a question',
    looks: looks(180).filter(({ at }) => at <= 500_000 || at >= 1_500_000),
    baseline,
    verdict: 'ask',
    reason: 'probes: blind: no look was taken during 56 % of the time (at most 50 %)',
  },
  {
    name: 'no look at all is a question',
    looks: [],
    baseline,
    verdict: 'ask',
    reason: 'probes: blind: no look was taken',
  },
  {
    name: 'too few looks to prove health are a question',
    looks: looks(60),
    baseline: null,
    verdict: 'ask',
    reason: 'no source proved health within the window',
  },
  {
    name: 'a site that fails on the last look is a question, however clean it was',
    looks: looks(180, failing(179)),
    baseline,
    verdict: 'ask',
    reason: '"probes" is failing or close to its limit as the window ends',
  },
  {
    name: 'evidence close to the limit at the end is a question',
    looks: looks(180, (k) => ({ log: [k >= 166 ? 1 : 0, 10] })),
    baseline,
    verdict: 'ask',
    reason: '"error-log" is failing or close to its limit as the window ends',
  },
  {
    name: 'without probes nothing passes',
    looks: looks(180, () => ({ log: [0, 1000] })),
    baseline,
    watch: { ...watch, sources: [{ name: 'error-log', required: true, share: 1 }] },
    verdict: 'ask',
    reason: 'no probes were planned',
  },
  {
    name: 'constants that cannot be computed with are blind, never a pass',
    looks: looks(180),
    baseline,
    watch: { ...watch, judge: { ...judgeDefaults, beta: 2 } },
    verdict: 'ask',
    reason: 'probes: blind: alpha and beta must lie between 0 and 1',
  },
];

test.each(rows)('$name', ({ verdict, reason, early, baseline: before = null, ...row }) => {
  const judged = judgeWatch({ watch, ...row, baseline: before, final: !early });
  expect(judged.verdict).toBe(verdict);
  expect(judged.looks).toBe(row.looks.length);
  expect(judged.reasons).toContain(reason);
});

test('the threshold is split: what crosses with all of alpha does not with a small share', () => {
  const probesWith = (share: number): WatchPlan => ({
    ...watch,
    sources: [{ name: 'probes', required: true, share }],
  });
  const facts = { baseline: null, looks: looks(4, failing(0)), final: false };
  expect(judgeWatch({ ...facts, watch: probesWith(1) }).verdict).toBe('fail');
  expect(judgeWatch({ ...facts, watch: probesWith(0.1) }).verdict).toBe('open');
});

test('errors whose access-log line is late count as requests, not as infinity', () => {
  const late = looks(10, () => ({ log: [1, 0] }));
  const counted = looks(10, () => ({ log: [1, 1] }));
  const facts = { watch, baseline, final: false };
  expect(judgeWatch({ ...facts, looks: late }).sources).toEqual(
    judgeWatch({ ...facts, looks: counted }).sources,
  );
});
