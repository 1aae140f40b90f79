import { expect, test } from 'vitest';
import { canonicalJson } from '../../domain/canonical.ts';
import { digestSubject } from '../../domain/digest.ts';
import type { GateReport } from '../../domain/plan.ts';
import { planFor } from '../support/plan.ts';

const plan = planFor();
const audit = (over: Partial<GateReport> = {}): GateReport => ({
  ...{ gate: 'audit', open: true, reasons: ['seen'], checkedAt: '2026-01-01T12:00:00.000Z' },
  ...over,
});
const signed = (...gates: GateReport[]) => canonicalJson(digestSubject(plan, gates));

test('which findings were waived is signed with the approval', () => {
  const without = signed(audit());
  const one = signed(audit({ waivers: ['GHSA-1'] }));
  expect(new Set([without, one, signed(audit({ waivers: ['GHSA-2'] }))]).size).toBe(3);
  expect(signed(audit({ waivers: ['GHSA-1'] }))).toBe(one);
});

test('when a gate was asked, and in which words it answered, is not', () => {
  const again = audit({ reasons: ['seen again'], checkedAt: '2026-01-01T13:00:00.000Z' });
  expect(signed(again)).toBe(signed(audit()));
});
