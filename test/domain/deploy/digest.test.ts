import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../domain/lib/canonical.ts';
import { digestSubject } from '../../../domain/deploy/digest.ts';
import type { GateReport, Plan } from '../../../domain/deploy/plan.ts';
import { planFor, wholePlan } from '../../support/plan.ts';

const digestOf = (plan: unknown, gates: GateReport[]) =>
  createHash('sha256')
    .update(canonicalJson(digestSubject(plan as Plan, gates)))
    .digest('hex');

const gates: GateReport[] = [
  { gate: 'tests', open: true, reasons: ['seen'], checkedAt: '2026-01-01T12:00:00.000Z' },
  {
    ...{ gate: 'audit', open: true, reasons: ['waived', 'seen'], loud: 1, waivers: ['GHSA-1'] },
    checkedAt: '2026-01-01T12:00:00.000Z',
  },
];

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Changes the value in every possible place, one place at a time, and names each place. */
function changes(value: Json, path = ''): [path: string, changed: Json][] {
  if (Array.isArray(value)) {
    const members = value.flatMap((member, at) =>
      changes(member, `${path}.${at}`).map(([where, changed]): [string, Json] => [
        where,
        value.with(at, changed),
      ]),
    );
    return [...members, [`${path}.more`, [...value, 'more']]];
  }
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, member]) => {
      const { [key]: _, ...without } = value;
      return [
        [`${path}.${key} is gone`, without],
        ...changes(member, `${path}.${key}`).map(([where, changed]): [string, Json] => [
          where,
          { ...value, [key]: changed },
        ]),
      ];
    });
  return [[path, typeof value === 'number' ? value + 1 : `${String(value)} changed`]];
}

const asJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as Json;

describe('the digest that an approval signs', () => {
  test('covers every field of the plan', () => {
    const sealed = digestOf(wholePlan, gates);
    const all = changes(asJson(wholePlan));
    expect(all.length).toBeGreaterThan(150);
    const same = all.filter(([, changed]) => digestOf(changed, gates) === sealed);
    expect(same.map(([where]) => where)).toEqual([]);
  });

  test('covers every field of every gate', () => {
    const sealed = digestOf(wholePlan, gates);
    const same = changes(asJson(gates)).filter(
      ([, changed]) => digestOf(wholePlan, changed as unknown as GateReport[]) === sealed,
    );
    expect(same.map(([where]) => where)).toEqual([]);
  });

  test('covers a field that nobody knows', () => {
    const plan = planFor();
    expect(digestOf({ ...plan, licences: 'checked' }, [])).not.toBe(digestOf(plan, []));
  });

  test('is the same after the way through a memo', () => {
    expect(digestOf(asJson(wholePlan), asJson(gates) as unknown as GateReport[])).toBe(
      digestOf(wholePlan, gates),
    );
  });
});
