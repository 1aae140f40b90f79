import { expect, test } from 'vitest';
import { stepsOf, undoOf, whereOf } from '../../../domain/policy/words.ts';
import { vercelPlan, vercelTarget } from '../../support/fake-vercel.ts';

test('what an approver signs for a release at Vercel', () => {
  const { sha, timing, restoreTo } = vercelPlan();
  const target = { ...vercelTarget, version: '/version' };
  expect(stepsOf({ sha, target, timing })).toEqual([
    'bring bbbbbbb onto main, unless it is there',
    "take Vercel's newest production build of bbbbbbb in barber-crm, or start one where that commit is live already",
    'smoke test it at its own address, before anybody is sent there',
    'promote it, keep domains from being assigned by themselves, prove production, barber.example and the served version',
    'smoke test the critical paths: auth, payments, core',
    "watch probes and Vercel's own numbers for 30 min; go back at once if they turn bad",
  ]);
  expect(undoOf({ target, restoreTo, notes: [] })).toEqual([
    'roll barber-crm back to aaaaaaa (dpl_old), prove it by probing; it comes back with the variables it was built with',
  ]);
  expect(whereOf(target)).toEqual(['Vercel project barber-crm of acme']);
  expect(whereOf({ ...target, team: null })).toEqual(['Vercel project barber-crm']);
});
