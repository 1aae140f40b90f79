import { test } from 'vitest';
import { limit, useDemo } from '../support/demo.ts';
import { expectDemo } from '../support/expect-demo.ts';
import type { DemoDeploy } from '../support/expect-demo.ts';

const demo = useDemo();

/**
 * A closed gate and a success. The nightly lane runs the whole demo. `npm test` deploys to every
 * platform in `test/matrix/saga.test.ts`.
 */
const only = ['anchor', 'delhi-palace'];
const lines = [
  / delhi-palace production +succeeded +[\d.]+ s {2}as it should be {2}new release at every domain\n/,
];
const deploys: DemoDeploy[] = [
  ['anchor production', 'gate-closed'],
  ['delhi-palace production', 'succeeded'],
];

test('a part of the demo ends with 0, every outcome as expected', limit, () =>
  expectDemo(demo, [`--only=${only.join(',')}`], { deploys, lines }),
);
