import { expect, test } from 'vitest';
import { stepsOf, rollbackStepsOf, whereOf } from '../../../../domain/platforms/words.ts';
import { vercelPlan, vercelTarget } from '../../../support/fake-vercel.ts';

test('what an approver signs for a release at Vercel', () => {
  const { sha, timing, rollbackTarget } = vercelPlan();
  const target = { ...vercelTarget, version: '/version' };
  expect(stepsOf({ sha, target, timing })).toEqual([
    'push bbbbbbb to main, unless it is already there',
    "take Vercel's newest production build of bbbbbbb in barber-crm, or start a new build if that commit is already live",
    'smoke test the build at its own address, before it gets any traffic',
    'promote the build, turn automatic domain assignment off, prove production, barber.example and the served version',
    'smoke test the critical paths: auth, payments, core',
    "watch probes and Vercel's own numbers for 30 min; roll back at once if they turn bad",
  ]);
  expect(rollbackStepsOf({ target, rollbackTarget, notes: [] })).toEqual([
    'roll barber-crm back to aaaaaaa (dpl_old), proven by probing; this release keeps the variables with which it was built',
  ]);
  expect(whereOf(target)).toEqual(['Vercel project barber-crm of acme']);
  expect(whereOf({ ...target, team: null })).toEqual(['Vercel project barber-crm']);
});
