import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';

/**
 * A message to the deploy. The script sends the message when the deploy is in the phase `when`, or
 * is stuck.
 */
export type Order = {
  when: 'approval' | 'watch' | 'stuck' | 'awaiting-rollback-approval';
  /** `reject` is a signed decision to roll back. */
  send: 'abort' | 'retry' | 'cancel' | 'reject';
};

/** One deploy to record, and how it must end. */
export type Scene = {
  name: string;
  decision: 'approve' | 'reject' | null;
  expected: string;
  /**
   * morgan clicks twice in Slack. The second click does not count. Without `clicks`, Slack has no
   * buttons.
   */
  clicks?: true;
  /** A second approver who signs by key, if one approval is not enough. */
  second?: 'robin';
  fleetProject?: Partial<ProjectSpec>;
  /** After two deploys, the second one is rolled back. Only this rollback is recorded. */
  late?: true;
  orders?: Order[];
  /**
   * A fault that the script arms before the deploy. The fault makes every attempt of a step fail
   * until no retry is left.
   */
  fault?: { match: string; times: number };
};

const approved = { decision: 'approve', expected: 'succeeded' } as const;
const back = { decision: 'approve', expected: 'rolled-back' } as const;
const attempts = 5;
const migrates = {
  second: 'robin',
  fleetProject: { next: { ...samples.good(2), 'migrations/1.sql': 'drop table baskets;\n' } },
} as const;

/**
 * A service whose critical paths fail while the data is damaged that all its releases share. The
 * release that `damages` damages this data at the 20th request to /pay.
 */
const sharing = (damages: boolean) => ({
  'server.mjs': `
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const { PORT, RELEASE_SHA = process.cwd().split('/').at(-1) } = process.env;
let asked = 0;
const page = (url) => {
  if (url === '/pay' && (asked += 1) === 20 && ${damages}) writeFileSync('../../damaged', '');
  return existsSync('../../damaged') ? [500, 'broken'] : [200, 'shop'];
};
const own = {
  '/healthz': () => 'ok',
  '/version': () => RELEASE_SHA,
  '/heartbeat': () => JSON.stringify({ at: new Date() }),
};
createServer(({ url }, response) => {
  const [status, text] = own[url] ? [200, own[url]()] : page(url);
  response.writeHead(status).end(text);
}).listen(PORT, '127.0.0.1');
`,
});

export const scenes: Scene[] = [
  { name: 'expired', decision: null, expected: 'expired' },
  { name: 'succeeded', ...approved },
  {
    name: 'clicked',
    ...{ ...approved, clicks: true, second: 'robin' },
    fleetProject: { environment: { approvers: 2 } },
  },
  { name: 'failed-watch', ...back, fleetProject: { hosts: 2, next: samples.failsLater(20) } },
  {
    name: 'still-failing',
    ...{ ...approved, expected: 'rolled-back-still-failing' },
    fleetProject: { first: sharing(false), next: sharing(true) },
  },
  { name: 'failed-start', ...back, fleetProject: { next: samples.crashesAtStart() } },
  {
    name: 'gate-closed',
    decision: null,
    expected: 'gate-closed',
    fleetProject: { checks: 'failure' },
  },
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
    name: 'awaiting-rollback-approval',
    ...{ ...approved, ...migrates, expected: 'rollback-not-approved' },
    orders: [
      { when: 'watch', send: 'abort' },
      { when: 'awaiting-rollback-approval', send: 'abort' },
    ],
  },
  {
    name: 'awaiting-rollback-approval-signed',
    ...{ ...back, ...migrates },
    orders: [
      { when: 'watch', send: 'abort' },
      { when: 'awaiting-rollback-approval', send: 'reject' },
    ],
  },
  { name: 'late-rollback', ...back, late: true, fleetProject: { later: samples.good(3) } },
  {
    name: 'late-rollback-signed',
    ...{ ...back, late: true },
    fleetProject: { later: { ...samples.good(3), 'migrations/1.sql': 'drop table baskets;\n' } },
    orders: [{ when: 'awaiting-rollback-approval', send: 'reject' }],
  },
];

export const projectIn = ({ name, fleetProject }: Scene): ProjectSpec => ({
  name,
  hosts: 1,
  first: samples.good(1),
  next: samples.good(2),
  checks: 'success',
  ...fleetProject,
});
