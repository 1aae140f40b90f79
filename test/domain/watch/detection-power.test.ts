import { expect, test } from 'vitest';
import { detectionPower } from '../../../domain/watch/detection-power.ts';

const window = { windowMs: 1_800_000, sampleMs: 10_000, scale: 1 };
const probes = [
  'Probes: an outage is detected after 4 samples. A path that fails half of the time is detected after about 11 samples, a path that fails one time in five after about 53.',
  'Probes: 69 clean samples (11.5 min) prove health, even without traffic.',
];

test('no baseline: the probes alone', () => {
  expect(detectionPower({ ...window, baseline: null })).toEqual([
    ...probes,
    'Error log: there is no baseline, so errors are reported but not judged.',
  ]);
});

test('two requests a second with 1 % errors: a doubling is about the limit', () => {
  const baseline = { errors: 1713, requests: 172_800, phi: 1, tau: 0 };
  expect(detectionPower({ ...window, baseline })).toEqual([
    ...probes,
    'Error log: the rate before the deploy was 0.99 %, so about 35.69 errors are expected in a window. A rise to 2.1 times that rate is detected. A smaller rise may stay undetected.',
    'Error log: enough errors are expected to prove that the rate has not doubled.',
  ]);
});

test('a quiet service: only a large rise, and no proof of health', () => {
  const baseline = { errors: 17, requests: 17_280, phi: 1, tau: 0.15 };
  expect(detectionPower({ ...window, baseline }).slice(2)).toEqual([
    'Error log: the rate before the deploy was 0.098 %, so about 0.35 errors are expected in a window. A rise to 16 times that rate is detected. A smaller rise may stay undetected.',
    'Error log: too few errors are expected to prove health, so the probes must prove it.',
  ]);
});

test('hardly any traffic: nothing at all', () => {
  const baseline = { errors: 0, requests: 20, phi: 1, tau: 0.15 };
  expect(detectionPower({ ...window, baseline })[2]).toBe(
    'Error log: the rate before the deploy was 0 %, so about 0 errors are expected in a window. At this traffic the log cannot detect a rise, so the probes decide alone.',
  );
});

test('the sandbox says what production would', () => {
  const baseline = { errors: 1713, requests: 172_800, phi: 1, tau: 0 };
  const scaled = { windowMs: 30_000, sampleMs: 10_000 / 60, scale: 60, baseline };
  expect(detectionPower(scaled)).toEqual(detectionPower({ ...window, baseline }));
});

test('a window too short to prove anything says so', () => {
  const short = detectionPower({ windowMs: 20_000, sampleMs: 10_000, scale: 1, baseline: null });
  expect(short.slice(0, 2)).toEqual([
    'Probes: the window of 2 samples is too short to detect an outage.',
    'Probes: the window of 2 samples is too short to prove health, so the watch ends inconclusive.',
  ]);
});
