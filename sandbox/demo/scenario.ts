import type { Outcome } from '../../domain/plan.ts';
import type { ShipSpec } from '../fleet.ts';
import { samples } from '../samples.ts';

export type Leg = {
  project: string;
  story: string;
  decision: 'approve' | 'reject' | null;
  expected: Outcome;
};

/** The bad release passes its start and its smoke, and fails about 25 looks into the watch. */
const lookOfFailure = 25;

export const scenario: Leg[] = [
  { project: 'harbor', story: 'a good release', decision: 'approve', expected: 'succeeded' },
  {
    project: 'lantern',
    story: 'starts failing in the watch',
    decision: 'approve',
    expected: 'rolled-back',
  },
  {
    project: 'anchor',
    story: 'red tests and a token in the code',
    decision: null,
    expected: 'gate-closed',
  },
  { project: 'compass', story: 'the approver says no', decision: 'reject', expected: 'rejected' },
];

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;

export const demoShips: ShipSpec[] = [
  { ...good, name: 'harbor', hosts: 1 },
  { ...good, name: 'lantern', hosts: 2, next: samples.failsLater(lookOfFailure * 2) },
  { ...good, name: 'anchor', hosts: 1, next: samples.plantedSecret(), checks: 'failure' },
  { ...good, name: 'compass', hosts: 1 },
];
