import { test } from 'vitest';
import { limit, useDemo } from '../support/demo.ts';
import { expectDemo } from '../support/expect-demo.ts';
import type { DemoDeploy } from '../support/expect-demo.ts';

const demo = useDemo();

/**
 * A closed gate on a host, a success on each other platform, and a rollback. Here the gates, the
 * ledger and the approvals are real. `test/e2e/kills.test.ts` has the same for hosts. The nightly
 * lane runs the whole demo.
 */
const only = ['anchor', 'delhi-palace', 'openclaw-gateway', 'personal-assistant'];
const lines = [
  / delhi-palace production +succeeded +[\d.]+ s {2}as it should be {2}new release at every domain\n/,
  / openclaw-gateway production +rolled-back \(watch\) +[\d.]+ s {2}as it should be {2}old release in every container, main reverted\n/,
  / personal-assistant production +succeeded +[\d.]+ s {2}as it should be {2}new release for everybody\n/,
];
const deploys: DemoDeploy[] = [
  ['anchor production', 'gate-closed'],
  ['delhi-palace production', 'succeeded'],
  ['openclaw-gateway production', 'succeeded'],
  ['openclaw-gateway production', 'rolled-back', 'watch'],
  ['personal-assistant production', 'succeeded'],
];

test('a part of the demo ends with 0, every outcome as expected', limit, () =>
  expectDemo(demo, [`--only=${only.join(',')}`], { deploys, lines }),
);
