import { expect, test } from 'vitest';
import { checksOf, configuredGates, gates, judgedOf } from '../../../domain/gates/table.ts';
import { projectGates } from '../../../domain/config/gates.ts';
import { planFor } from '../../support/plan.ts';

const at = Date.parse('2026-01-01T12:00:00.000Z');
const budget = { agent: 'casey' } as never;
const stopped = { key: 'stop/1', by: 'bob', reason: 'calm', at: '2026-01-01T00:00:00.000Z' };
const everything = planFor({ audit: true, budget, after: 'staging', freezeWindows: [], stopped });

test('every plan is checked by three gates, and by those that it asks for, in the order of the table', () => {
  const names = (plan: typeof everything) => [
    ...checksOf(plan, { hold: true }).map(({ gate }) => gate),
    ...judgedOf(plan, { now: at, built: false }).map(({ gate }) => gate),
  ];
  expect(names(planFor())).toEqual(['tests', 'secrets', 'platform']);
  expect(names(everything)).toEqual(Object.keys(gates));
});

test('each check is asked with the plan, and with what it needs beside it', () => {
  const asked = checksOf(everything, { hold: false }).map(({ check, input }) => [check, input]);
  const plan = everything;
  expect(asked).toEqual([
    ['checkTests', { plan }],
    ['checkSecrets', { plan }],
    ['checkAudit', { plan }],
    ['checkPlatform', { plan }],
    ['checkBudget', { plan, hold: false }],
    ['checkPrevious', { plan, after: 'staging' }],
  ]);
});

test('a gate that a project configures has a key of its name in the schema', () => {
  expect(configuredGates.filter((gate) => !Object.hasOwn(projectGates, gate))).toEqual([]);
});
