import { expect, it } from 'vitest';
import type { BranchSnapshot } from '../../../domain/contract/activities.ts';
import { judgeEarly, judgePush } from '../../../domain/queue/push.ts';
import { pushWaitsNote } from '../../../domain/messages/push.ts';
import { openGate, sha } from '../../support/plan.ts';

const snapshot = (change: Partial<BranchSnapshot> = {}): BranchSnapshot => ({
  ...{ branch: 'main', head: sha('c'), known: null, open: null, refused: null, notified: null },
  ...{ subject: null, after: null, channel: null },
  ...change,
});

it.each<[string, Partial<BranchSnapshot>, string]>([
  ['a commit that nobody knows', {}, 'asks: main is at ccccccc'],
  ['while the line is stopped', { stopped: 'the line is stopped' }, 'waits: the line is stopped'],
  [
    'what was tried before, while the line is stopped',
    { stopped: 'the line is stopped', known: 'started' },
    'nothing: ccccccc: a deploy of this commit already began here, so Plimsoll does not request it again',
  ],
  ['while another deploy is open', { open: 'd-1' }, 'asks: main is at ccccccc'],
  [
    'that the open deploy refused',
    { open: 'd-1', refused: 'it is in watch' },
    'waits: the deploy d-1 must end first (it is in watch)',
  ],
  [
    'a commit that was tried before, however its deploy ended',
    { known: 'started' },
    'nothing: ccccccc: a deploy of this commit already began here, so Plimsoll does not request it again',
  ],
  ['that was adopted', { known: 'adopted' }, 'nothing: ccccccc: this commit was adopted here'],
  [
    'that Plimsoll pushed itself',
    { known: 'revert' },
    'nothing: ccccccc: this commit is the revert that Plimsoll pushed',
  ],
  ['a branch that is gone', { head: null }, 'waits: there is no branch main'],
])('%s', (_, change, expected) => {
  const { verdict, why } = judgePush(snapshot(change));
  expect(`${verdict}: ${why}`).toBe(expected);
});

it('a push waits for its gates, every reason named', () => {
  const open = openGate('previous', '');
  expect(judgeEarly([open])).toBeNull();
  const closed = { ...openGate('tests', ''), open: false };
  expect(judgeEarly([open, { ...closed, reasons: ['"ci" is queued', '"lint" failed'] }])).toBe(
    'tests: "ci" is queued; tests: "lint" failed',
  );
  expect(judgeEarly([{ ...closed, reasons: [] }])).toBe('a gate is closed');
});

it('people are told once, with the command that does not wait', () => {
  const place = { project: 'shop', environment: 'production' };
  expect(pushWaitsNote(place, snapshot(), 'the deploy d-1 must end first (it is in watch)')).toBe(
    `shop production: a push is not deployed yet. ccccccc on main waits: the deploy d-1 must end first (it is in watch).
Plimsoll keeps checking. No action is needed. To deploy the push now:
plimsoll deploy shop production --ref cccccccccccc`,
  );
  expect(pushWaitsNote(place, snapshot({ head: null }), 'there is no branch main')).toMatch(
    /^shop production: a push is not deployed yet\. main waits: there is no branch main\.\n/,
  );
});
