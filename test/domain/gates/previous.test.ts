import { expect, test } from 'vitest';
import { judgePrevious, type PreviousFacts } from '../../../domain/gates/previous.ts';
import { withoutWay } from '../../support/way-to-open.ts';

const sha = 'b'.repeat(40);
const bad = 'c'.repeat(40);
const record = { outcome: 'succeeded', at: '2026-11-24T08:00:00.000Z', withdrawn: null };
const proven: PreviousFacts = { project: 'shop', before: 'staging', sha, record, sourceErrors: [] };
const deploy = `plimsoll deploy shop staging --ref ${sha}`;
const taken = (how: 'quarantined' | 'reverted', commit = sha) => ({
  record: {
    ...record,
    withdrawn: {
      how,
      environment: 'production',
      sha: commit,
      why: 'it lost carts',
      at: '2026-11-24T09:00:00.000Z',
    },
  },
});
const ended = (outcome: string) => ({ record: { ...record, outcome } });

test('is open for a commit that succeeded there', () => {
  expect(judgePrevious(proven)).toEqual({
    open: true,
    reasons: ['bbbbbbb succeeded in staging (2026-11-24T08:00:00.000Z)'],
  });
});

test.each<[string, Partial<PreviousFacts>, string]>([
  [
    'it was never deployed there',
    { record: null },
    'no deploy of bbbbbbb to staging, the previous environment, has ended, so nothing proves ' +
      `that the commit works. Deploy it there first: ${deploy}`,
  ],
  [
    'it was quarantined later',
    taken('quarantined'),
    'bbbbbbb succeeded in staging but is quarantined since 2026-11-24T09:00:00.000Z (it lost ' +
      'carts). Deploy a commit that fixes it, or lift the quarantine: plimsoll lift shop ' +
      'production bbbbbbbbbbbb --reason "why it is safe"',
  ],
  [
    'its release was quarantined under another commit',
    taken('quarantined', bad),
    'bbbbbbb succeeded in staging but is quarantined since 2026-11-24T09:00:00.000Z (it lost ' +
      'carts). Deploy a commit that fixes it, or lift the quarantine: plimsoll lift shop ' +
      'production cccccccccccc --reason "why it is safe"',
  ],
  [
    'it was reverted later',
    taken('reverted'),
    'bbbbbbb succeeded in staging, but a deploy to production reverted it later ' +
      `(2026-11-24T09:00:00.000Z). Deploy it to staging again first: ${deploy}`,
  ],
  [
    'the ledger cannot be read',
    { sourceErrors: ['the ledger is not a database'], record: null },
    'a source could not be read: the ledger is not a database. There is no data, so the gate stays ' +
      'closed.',
  ],
  [
    'the ledger can be read only in part',
    { sourceErrors: ['the ledger is not a database'] },
    'a source could not be read: the ledger is not a database. There is no data, so the gate stays ' +
      'closed.',
  ],
])('is closed: %s', (_, facts, reason) => {
  expect(judgePrevious({ ...proven, ...facts })).toEqual({ open: false, reasons: [reason] });
  expect(withoutWay([reason], facts.sourceErrors)).toEqual([]);
});

test.each([
  'unproven',
  'rolled-back',
  'rollback-failed',
  'aborted',
  'gate-closed',
  'rejected',
  'expired',
  'unknown',
  'Succeeded',
  '',
])('is closed when it ended "%s" there', (outcome) => {
  expect(judgePrevious({ ...proven, ...ended(outcome) })).toEqual({
    open: false,
    reasons: [
      `bbbbbbb ended ${outcome} in staging, the previous environment ` +
        '(2026-11-24T08:00:00.000Z). Fix the failure. If the commit was not the cause, deploy it ' +
        `there again: ${deploy}`,
    ],
  });
});
