import { expect, test } from 'vitest';
import { baselineOfWindow, windowOf } from '../../../domain/watch/watch-window.ts';
import { sample, oldSha, planFor } from '../../support/plan.ts';

const release = { id: 'aaaaaaaaaaaa-00000000', sha: oldSha };

test('the sums of a watch, without its samples without data', () => {
  const samples = [sample(0, 0, [1, 10]), sample(1, 0), sample(2, 1, [2, 9])];
  expect(windowOf(planFor().watch, samples)).toEqual({
    samples: 3,
    errors: 3,
    requests: 19,
    accessLog: null,
  });
});

test('are the baseline of a later deploy, with the drift of an unmeasured window', () => {
  const recorded = { samples: 180, errors: 3, requests: 1800, accessLog: null };
  const baseline = { errors: 3, requests: 1800, phi: 1, tau: 0.15, of: oldSha };
  expect(baselineOfWindow(recorded, { accessLog: null, release })).toEqual(baseline);
});

test.each([
  ['nothing', undefined],
  ['another access log', { errors: 3, requests: 1800, accessLog: 'GET' }],
  ['a watch without data', { errors: 0, requests: 0, accessLog: null }],
  ['nonsense', { errors: -1, requests: 'many', accessLog: null }],
])('%s is no baseline', (_, recorded) => {
  expect(baselineOfWindow(recorded, { accessLog: null, release })).toBe(null);
});
