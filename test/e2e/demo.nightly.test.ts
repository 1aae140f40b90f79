import { test } from 'vitest';
import { limit, useDemo } from '../support/demo.ts';
import { expectDemo } from '../support/expect-demo.ts';
import type { DemoDeploy } from '../support/expect-demo.ts';

const demo = useDemo();

/**
 * Lines that only a complete run of the demo prints: why a gate closed, who acted, and which
 * release is live at the end.
 */
const lines = [
  /previous: no deploy of [0-9a-f]{7} to staging, the previous environment, has ended, so nothing proves that the commit works\. /,
  / robin runs plimsoll flag beacon "customers cannot pay"\n/,
  / rolling back: a person flagged it: "customers cannot pay" \(says robin, unsigned\); nobody answered in time\n/,
  / harbor staging +succeeded +[\d.]+ s {2}as it should be {2}new release on every host\n/,
  / harbor production +succeeded +[\d.]+ s {2}as it should be {2}new release on every host\n/,
  / barber-crm production +succeeded +[\d.]+ s {2}as it should be {2}new release at every domain\n/,
  / barber-crm production +rolled-back \(watch\) +[\d.]+ s {2}as it should be {2}old release at every domain, main reverted\n/,
  / openclaw-gateway production +succeeded +[\d.]+ s {2}as it should be {2}new release in every container\n/,
  / openclaw-gateway production +rolled-back \(watch\) +[\d.]+ s {2}as it should be {2}old release in every container, main reverted\n/,
  / personal-assistant production +succeeded +[\d.]+ s {2}as it should be {2}new release for everybody\n/,
  / agency-router production +rolled-back \(watch\) +[\d.]+ s {2}as it should be {2}old release for everybody, main reverted\n/,
  / beacon production +rolled-back \(flag\) +[\d.]+ s {2}as it should be {2}old release on every host, main reverted\n/,
];

const deploys: DemoDeploy[] = [
  ['harbor production', 'gate-closed'],
  ['harbor staging', 'succeeded'],
  ['harbor production', 'succeeded'],
  ['lantern production', 'rolled-back', 'watch'],
  ['beacon production', 'rolled-back', 'flag'],
  ['anchor production', 'gate-closed'],
  ['compass production', 'rejected'],
  ['barber-crm production', 'succeeded'],
  ['barber-crm production', 'rolled-back', 'watch'],
  ['delhi-palace production', 'succeeded'],
  ['openclaw-gateway production', 'succeeded'],
  ['openclaw-gateway production', 'rolled-back', 'watch'],
  ['personal-assistant production', 'succeeded'],
  ['agency-router production', 'rolled-back', 'watch'],
];

test('the whole demo ends with 0, every outcome as expected', limit, () =>
  expectDemo(demo, [], { deploys, lines }),
);
