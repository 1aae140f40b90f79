import { test } from 'vitest';
import { limit, useDemo } from '../support/demo.ts';
import { expectDemo } from '../support/expect-demo.ts';
import type { DemoDeploy } from '../support/expect-demo.ts';

const demo = useDemo();

/**
 * A closed gate, and one project of each platform except hosts: `kills.test.ts` deploys to hosts and
 * rolls back there.
 */
const only = ['anchor', 'delhi-palace', 'openclaw-gateway', 'personal-assistant'];
const lines = [
  / openclaw-gateway production +rolled-back \(watch\) +[\d.]+ s {2}as it should be {2}old release in every container, main reverted\n/,
  / delhi-palace production +succeeded +[\d.]+ s {2}as it should be {2}new release at every domain\n/,
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
