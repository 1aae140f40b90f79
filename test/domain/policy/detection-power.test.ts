import { expect, test } from 'vitest';
import { detectionPower } from '../../../domain/policy/watch.ts';

const window = { windowMs: 1_800_000, lookMs: 10_000, scale: 1 };
const probes = [
  'Probes: an outage is decided in 4 looks, a path that fails half of the time in about 11, one in five in about 53.',
  'Probes: 69 clean looks (11.5 min) prove health, with no traffic at all.',
];

test('no baseline: the probes alone', () => {
  expect(detectionPower({ ...window, baseline: null })).toEqual([
    ...probes,
    'Error log: no baseline; it is reported, not judged.',
  ]);
});

test('two requests a second with 1 % errors: a doubling is about the limit', () => {
  const baseline = { errors: 1713, requests: 172_800, phi: 1, tau: 0 };
  expect(detectionPower({ ...window, baseline })).toEqual([
    ...probes,
    'Error log: 0.99 % before, about 35.69 errors in a window. A rise to 2.1 times that is detected, a smaller one may not be.',
    'Error log: enough errors are expected to prove that they have not doubled.',
  ]);
});

test('a quiet service: only a large rise, and no proof of health', () => {
  const baseline = { errors: 17, requests: 17_280, phi: 1, tau: 0.15 };
  expect(detectionPower({ ...window, baseline }).slice(2)).toEqual([
    'Error log: 0.098 % before, about 0.35 errors in a window. A rise to 16 times that is detected, a smaller one may not be.',
    'Error log: too few errors are expected to prove health: the probes must.',
  ]);
});

test('hardly any traffic: nothing at all', () => {
  const baseline = { errors: 0, requests: 20, phi: 1, tau: 0.15 };
  expect(detectionPower({ ...window, baseline })[2]).toBe(
    'Error log: 0 % before, about 0 errors in a window. At this traffic it can detect nothing: the probes decide alone.',
  );
});

test('the sandbox says what production would', () => {
  const baseline = { errors: 1713, requests: 172_800, phi: 1, tau: 0 };
  const scaled = { windowMs: 30_000, lookMs: 10_000 / 60, scale: 60, baseline };
  expect(detectionPower(scaled)).toEqual(detectionPower({ ...window, baseline }));
});

test('a window too short to prove anything says so', () => {
  const short = detectionPower({ windowMs: 20_000, lookMs: 10_000, scale: 1, baseline: null });
  expect(short.slice(0, 2)).toEqual([
    'Probes: the window of 2 looks cannot decide an outage.',
    'Probes: the window is too short to prove health: 2 looks; it ends as a question.',
  ]);
});
