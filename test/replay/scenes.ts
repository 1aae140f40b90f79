import type { ShipSpec } from '../../sandbox/fleet.ts';
import { samples } from '../../sandbox/samples.ts';

/** What is sent once the deploy is in this phase, or stuck. */
export type Order = {
  when: 'approval' | 'watch' | 'stuck' | 'frozen';
  /** `reject` is signed: that it goes back. */
  send: 'abort' | 'retry' | 'cancel' | 'reject';
};

/** One deploy to record, and how it must end. */
export type Scene = {
  name: string;
  decision: 'approve' | 'reject' | null;
  expected: string;
  /** Morgan clicks at Slack, twice: the second time it does not count. Without it Slack has no buttons. */
  clicks?: true;
  /** Approves as well, by key, where one is not enough. */
  second?: 'robin';
  ship?: Partial<ShipSpec>;
  orders?: Order[];
  /** Armed before the deploy: every attempt of the step fails until its retries are exhausted. */
  fault?: { match: string; times: number };
};

const approved = { decision: 'approve', expected: 'succeeded' } as const;
const back = { decision: 'approve', expected: 'rolled-back' } as const;
const attempts = 5;
const migrates = {
  second: 'robin',
  ship: { next: { ...samples.good(2), 'migrations/1.sql': 'drop table baskets;\n' } },
} as const;

export const scenes: Scene[] = [
  { name: 'expired', decision: null, expected: 'expired' },
  { name: 'succeeded', ...approved },
  {
    name: 'clicked',
    ...{ ...approved, clicks: true, second: 'robin' },
    ship: { environment: { approvers: 2 } },
  },
  { name: 'failed-watch', ...back, ship: { hosts: 2, next: samples.failsLater(20) } },
  { name: 'failed-start', ...back, ship: { next: samples.crashesAtStart() } },
  { name: 'gate-closed', decision: null, expected: 'gate-closed', ship: { checks: 'failure' } },
  { name: 'rejected', decision: 'reject', expected: 'rejected' },
  {
    name: 'aborted-untouched',
    decision: null,
    expected: 'aborted',
    orders: [{ when: 'approval', send: 'abort' }],
  },
  { name: 'aborted-watch', ...back, orders: [{ when: 'watch', send: 'abort' }] },
  {
    name: 'cancelled',
    ...back,
    expected: 'cancelled',
    orders: [{ when: 'watch', send: 'cancel' }],
  },
  {
    name: 'stuck-retried',
    ...back,
    fault: { match: 'stuck-retried-1 stage', times: attempts },
    orders: [
      { when: 'stuck', send: 'retry' },
      { when: 'watch', send: 'abort' },
    ],
  },
  {
    name: 'frozen',
    ...{ ...approved, ...migrates, expected: 'frozen' },
    orders: [
      { when: 'watch', send: 'abort' },
      { when: 'frozen', send: 'abort' },
    ],
  },
  {
    name: 'frozen-signed',
    ...{ ...back, ...migrates },
    orders: [
      { when: 'watch', send: 'abort' },
      { when: 'frozen', send: 'reject' },
    ],
  },
];

export const shipOf = ({ name, ship }: Scene): ShipSpec => ({
  name,
  hosts: 1,
  first: samples.good(1),
  next: samples.good(2),
  checks: 'success',
  ...ship,
});
