import { expect, test } from 'vitest';
import { newWaivers } from '../../../domain/gates/new-waivers.ts';
import { openGate } from '../../support/plan.ts';

const at = '2026-01-01T00:00:00.000Z';
const audit = (...waivers: string[]) => ({ ...openGate('audit', at), waivers });

test('an approval does not cover a waiver that came after the plan', () => {
  expect(newWaivers([audit('A')], [audit('A', 'B')])).toEqual([
    'audit: B: waived after the plan was made, so the approvers did not see the waiver; deploy again',
  ]);
  expect(newWaivers([openGate('audit', at)], [audit('A', 'B', 'C', 'D', 'E')])).toEqual([
    'audit: A, B, C and 2 more: waived after the plan was made, so the approvers did not see the ' +
      'waiver; deploy again',
  ]);
  expect(newWaivers([], [audit('A')])).toHaveLength(1);
});

test('other words, fewer waivers and another order change nothing', () => {
  expect(newWaivers([audit('A', 'B')], [{ ...audit('B', 'A'), reasons: ['new'] }])).toEqual([]);
  expect(newWaivers([audit('A')], [openGate('audit', at)])).toEqual([]);
  expect(newWaivers([openGate('tests', at)], [openGate('tests', at)])).toEqual([]);
});
