import { expect, it } from 'vitest';
import type { BranchLook } from '../../../domain/activities.ts';
import { judgeEarly, judgePush, pushWaitsNote } from '../../../domain/policy/push.ts';
import { openGate, sha } from '../../support/plan.ts';

const look = (change: Partial<BranchLook> = {}): BranchLook => ({
  ...{ branch: 'main', head: sha('c'), known: null, open: null, refused: null, told: null },
  ...{ subject: null, after: null, channel: null },
  ...change,
});

it.each<[string, Partial<BranchLook>, string]>([
  ['a commit that nobody knows', {}, 'asks: main is at ccccccc'],
  ['while the line is stopped', { stopped: 'the line is stopped' }, 'waits: the line is stopped'],
  [
    'what was tried before, while the line is stopped',
    { stopped: 'the line is stopped', known: 'started' },
    'nothing: ccccccc: a deploy of it was begun here already, and a commit is never tried twice by itself',
  ],
  ['while another deploy is open', { open: 'd-1' }, 'asks: main is at ccccccc'],
  [
    'that the open deploy refused',
    { open: 'd-1', refused: 'it is in watch' },
    'waits: for d-1 to end: it is in watch',
  ],
  [
    'that was tried, however it ended',
    { known: 'started' },
    'nothing: ccccccc: a deploy of it was begun here already, and a commit is never tried twice by itself',
  ],
  ['that was adopted', { known: 'adopted' }, 'nothing: ccccccc: it was adopted here'],
  [
    'that Plimsoll pushed itself',
    { known: 'revert' },
    'nothing: ccccccc: it is the revert that Plimsoll pushed',
  ],
  ['a branch that is gone', { head: null }, 'waits: there is no branch main'],
])('%s', (_, change, expected) => {
  const { verdict, why } = judgePush(look(change));
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
  expect(pushWaitsNote(place, look(), 'for d-1 to end: it is in watch')).toBe(
    `shop production: a push is not deployed yet: ccccccc on main waits: for d-1 to end: it is in watch.
It is looked at again and again; nothing is to be done, unless you want it now:
npx --no plimsoll deploy shop production --ref cccccccccccc`,
  );
  expect(pushWaitsNote(place, look({ head: null }), 'there is no branch main')).toMatch(
    /^shop production: a push is not deployed yet: main waits: there is no branch main\.\n/,
  );
});
