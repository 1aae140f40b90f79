import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../../domain/lib/canonical.ts';
import { digestSubject, notSigned } from '../../../domain/deploy/digest.ts';
import type { GateReport, Plan } from '../../../domain/deploy/plan.ts';
import { planFor } from '../../support/plan.ts';

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

/**
 * Lists every field of the plan, and how the signature of an approver covers this field. A new
 * field of the plan does not compile until it is listed here.
 */
const howSigned = {
  ...{ deployId: 'signed', project: 'signed', environment: 'signed', sha: 'signed' },
  ...{
    release: 'signed',
    target: 'signed',
    rollbackTarget: 'signed',
    steps: 'signed',
    rollbackSteps: 'signed',
  },
  ...{ rule: 'signed', smoke: 'signed', watch: 'signed', revert: 'signed', paths: 'signed' },
  ...{ after: 'signed', audit: 'signed', forwardOnly: 'signed', redeploysPrevious: 'signed' },
  ...{ notAfter: 'signed', ci: 'signed' },
  ...{ live: 'in part', commits: 'in part', stopped: 'in part' },
  timing: 'as timeScale',
  ...{ ref: 'not', requestedBy: 'not', reason: 'not', priority: 'not', noReturn: 'not' },
  ...{ lastProven: 'not', commitsLeftOut: 'not', baseline: 'not', warnings: 'not' },
  ...{ dependencies: 'not', power: 'not', recall: 'not', slack: 'not', pages: 'not' },
  ...{ github: 'not', branch: 'not', ownsBranch: 'not', budget: 'not', freezeWindows: 'not' },
  ...{ plannedAt: 'not', seal: 'not', warrant: 'not' },
} as const satisfies Record<keyof Plan, 'signed' | 'in part' | 'as timeScale' | 'not'>;

const ofToday = {
  ...planFor(),
  noReturn: 'a migration',
  ci: { repository: 'acme/shop', run: '77', job: 'deploy' },
  forwardOnly: 'db/migrate/1.sql',
  warnings: ['live was sick'],
  dependencies: [{ url: 'https://pay.example', ok: true, detail: '200' }],
  pages: ['webhook'],
  paths: ['apps/shop'],
  budget: { agent: 'casey', estimate: 100_000, lines: [] } as unknown as Required<Plan>['budget'],
  audit: true,
  after: 'staging',
  freezeWindows: [{ name: 'the weekend', from: 1, to: 2 }],
  stopped: { key: 'stop/1', by: 'bob', reason: 'calm', at: '2026-01-01T00:00:00.000Z' },
  redeploysPrevious: true,
  seal: 'the seal of a worker',
  warrant: {} as Required<Plan>['warrant'],
} satisfies Plan;

/** A plan that has every field. If the plan gets a new field, add it to `ofToday`. */
const whole: Required<Plan> = ofToday;

test('every field is signed but those that are listed with a reason', () => {
  const unsigned = Object.entries(howSigned).flatMap(([field, how]) =>
    how === 'not' || how === 'as timeScale' ? [field] : [],
  );
  expect(Object.keys(notSigned).toSorted()).toEqual(unsigned.toSorted());
  const subject = digestSubject(whole, []) as Record<string, unknown>;
  const names = Object.keys(whole).filter((field) => !unsigned.includes(field));
  expect(Object.keys(subject).toSorted()).toEqual([...names, 'gates', 'timeScale', 'v'].toSorted());
  const asTheyAre = Object.entries(howSigned).flatMap(([field, how]) =>
    how === 'signed' ? [field as keyof Plan] : [],
  );
  expect(asTheyAre.filter((field) => subject[field] !== whole[field])).toEqual([]);
});

test('a field that nobody listed changes what is signed', () => {
  const grown = { ...plan, licences: 'checked' };
  expect(canonicalJson(digestSubject(grown, []))).not.toBe(signed());
});

test('of what was live, of commits, of a stop and of the timing only the names are signed', () => {
  const { live, commits, stopped, timeScale } = digestSubject(whole, []) as Record<string, unknown>;
  expect({ live, commits, stopped, timeScale }).toEqual({
    live: [{ host: 'deploy@one:22', sha: 'a'.repeat(40) }],
    commits: ['b'.repeat(40)],
    stopped: 'stop/1',
    timeScale: 1,
  });
});

const open: GateReport[] = [
  { gate: 'tests', open: true, reasons: ['seen'], checkedAt: '2026-01-01T12:00:00.000Z' },
  audit({ waivers: ['GHSA-1'] }),
  { gate: 'stop', open: false, reasons: ['held'], loud: 1, checkedAt: '2026-01-01T12:00:00.000Z' },
];

// Approvers have signed digests like these with earlier releases of Plimsoll, so these digests must
// not change.
test.each<[name: string, plan: Plan, gates: GateReport[], digest: string]>([
  ['a plain plan', plan, [], '0b90de1942193211d8322fc3c7c565d1c3d6b7093bf9ce9d79dd673723902bc9'],
  ['with gates', plan, open, '5ca31692e640e8758cfd534c04721e998fe88f131f601db152a1ee350e2494d8'],
  [
    'with every field',
    ofToday,
    open,
    '2ecf90003a8526f7d32470dbd7dd92b98990364d547566f96ec0239781105af8',
  ],
  [
    'of a first deploy',
    planFor({ rollbackTarget: null, live: [], commits: [] }),
    [],
    '9c8fd30d4c0cca9491ce9c175e2ea25fe7c94f049dfd9852697782ad7304581b',
  ],
])('the digest of a plan is what it always was: %s', (_, it, gates, digest) => {
  const json = canonicalJson(digestSubject(it, gates));
  expect(createHash('sha256').update(json).digest('hex')).toBe(digest);
});
