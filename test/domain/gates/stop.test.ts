import { describe, expect, test } from 'vitest';
import { judgeStop, standingStop, stopAtLast, throughStop } from '../../../domain/gates/stop.ts';
import type { Stop } from '../../../domain/deploy/plan.ts';

const at = '2026-01-01T12:00:30.000Z';
const stopped = (nonce: string, by = 'bob') => ({
  ...{ kind: 'stopped' as const, key: `stop/${nonce}`, at },
  body: { by, reason: 'the database is full' },
});
const resumed = (nonce: string) => ({
  ...{ kind: 'resumed' as const, key: `resume/${nonce}`, at },
  body: { by: 'alice', stop: `stop/${nonce}`, reason: 'it has room again' },
});
const lift = (named: unknown) => ({ ...resumed('1'), body: { stop: named } });
const stop: Stop = { key: 'stop/1', by: 'bob', reason: 'the database is full', at };

describe('of the rows, newest first, there stands', () => {
  test.each<[string, Parameters<typeof standingStop>[0], string | null]>([
    ['none, where there is nothing', [], null],
    ['the only one', [stopped('1')], 'stop/1'],
    ['none that is lifted', [resumed('1'), stopped('1')], null],
    ['the newest', [stopped('2'), stopped('1')], 'stop/2'],
    ['none before one that is lifted', [resumed('2'), stopped('2'), stopped('1')], null],
    ['the newer one, when the lift of an older came later', [resumed('1'), stopped('2')], 'stop/2'],
    ['a new one after a lift', [stopped('2'), resumed('1'), stopped('1')], 'stop/2'],
    ['none, when two lifts came at once', [resumed('1'), resumed('1'), stopped('1')], null],
    ['it, when a lift names none', [{ ...resumed('1'), body: {} }, stopped('1')], 'stop/1'],
    ['it, when a lift names half of it', [lift('stop/'), stopped('1')], 'stop/1'],
    ['it, when a lift names it otherwise', [lift(['stop/1']), stopped('1')], 'stop/1'],
    ['it, when a lift names another', [lift('stop/9'), stopped('1')], 'stop/1'],
    ['it, when it says neither who nor why', [{ ...stopped('1'), body: {} }], 'stop/1'],
    ['none, when only a lift is there', [resumed('1')], null],
  ])('%s', (_, rows, key) => {
    expect(standingStop(rows)?.key ?? null).toBe(key);
  });

  test('it, when the signature of its lift counts no more, said with who and why', () => {
    const [row] = [resumed('1')];
    const void1 = { ...row, body: { ...row.body, invalid: 'its key SHA256:x is revoked' } };
    const still = standingStop([void1, stopped('1')]);
    expect(still).toEqual({ ...stop, notLifted: 'alice: its key SHA256:x is revoked' });
    expect(judgeStop(still as Stop, { priority: 'normal', reason: 'routine deploy' })).toEqual({
      open: false,
      reasons: [
        'the line is stopped by bob since 2026-01-01 12:00 UTC: "the database is full"; a lift ' +
          'no longer counts (alice: its key SHA256:x is revoked). Deploy again when an ' +
          'approver has lifted the stop: plimsoll stop-line "why it is safe" --lift. A hotfix ' +
          'needs --priority P0, a --reason and one more approver.',
      ],
    });
    expect(standingStop([void1, resumed('1'), stopped('1')])).toBeNull();
  });

  test('it with who, why and since when', () => {
    expect(standingStop([stopped('1')])).toEqual(stop);
  });
});

const words = 'the line is stopped by bob since 2026-01-01 12:00 UTC: "the database is full"';
const routine = { priority: 'normal', reason: 'routine deploy' } as const;
const hotfix = { priority: 'P0', reason: 'logins fail' } as const;

describe('while it stands', () => {
  const next =
    'Deploy again when an approver has lifted the stop: plimsoll stop-line "why it is safe" ' +
    '--lift. A hotfix needs --priority P0, a --reason and one more approver.';

  type Row = [name: string, asked: Parameters<typeof judgeStop>[1], open: boolean, reason: string];
  test.each<Row>([
    ['a deploy is refused', routine, false, `${words}. ${next}`],
    ['whatever its reason', { ...hotfix, priority: 'normal' as const }, false, `${words}. ${next}`],
    [
      'a hotfix goes through, and says so',
      hotfix,
      true,
      `a P0 deploy is allowed while the line is stopped (its reason: "logins fail"): ${words}`,
    ],
    [
      'a push of its own accord is refused',
      { ...routine, reason: 'main moved' },
      false,
      `${words}. ${next}`,
    ],
    ['an empty reason is refused', { ...routine, reason: '' }, false, `${words}. ${next}`],
    [
      'P0 in the words alone is refused',
      { ...routine, reason: '--priority P0' },
      false,
      `${words}. ${next}`,
    ],
    [
      'but not without a reason of its own',
      { ...hotfix, reason: 'routine deploy' },
      false,
      `${words}. A hotfix is allowed with a reason: --priority P0 --reason "why it cannot wait".`,
    ],
    ...['', '  ', '.', 'Routine Deploy ', 'routine-deploy', 'ROUTINE  DEPLOY'].map(
      (reason): Row => [
        `P0 for ${JSON.stringify(reason)} is no hotfix`,
        { ...hotfix, reason },
        false,
        `${words}. A hotfix is allowed with a reason: --priority P0 --reason "why it cannot wait".`,
      ],
    ),
    ...['ошибка оплаты', 'routine deploy broke logins'].map((reason): Row => [
      `P0 for ${JSON.stringify(reason)} is one`,
      { ...hotfix, reason },
      true,
      `a P0 deploy is allowed while the line is stopped (its reason: "${reason}"): ${words}`,
    ]),
  ])('%s', (_, asked, open, reason) => {
    expect(judgeStop(stop, asked)).toEqual({ open, reasons: [reason] });
  });

  test('a hotfix needs one more approver', () => {
    expect(throughStop(stop)).toBe(
      'one more approver: this hotfix passes the stop of bob, "the database is full"',
    );
    expect(throughStop(null)).toBeNull();
  });
});

describe('right before the first effect', () => {
  const plan = { project: 'shop', environment: 'production', ref: 'main', ...hotfix };

  test('nothing is said where nothing stands, also if it stood when it was planned', () => {
    expect(stopAtLast({ ...plan, ...routine }, null)).toBeNull();
    expect(stopAtLast({ ...plan, stopped: stop }, null)).toBeNull();
  });

  test('a deploy that was planned before it is refused as at the gate', () => {
    expect(stopAtLast({ ...plan, ...routine }, stop)).toBe(
      `stop: ${judgeStop(stop, routine).reasons[0]}`,
    );
  });

  test('a hotfix goes on only if its approvers saw this very stop', () => {
    expect(stopAtLast({ ...plan, stopped: stop }, stop)).toBeNull();
    const refused =
      `stop: ${words}. The approvers did not see this stop. Ask the approvers again: ` +
      'plimsoll deploy shop production --ref main --priority P0 --reason "why it cannot wait"';
    expect(stopAtLast(plan, stop)).toBe(refused);
    expect(stopAtLast({ ...plan, stopped: { ...stop, key: 'stop/0' } }, stop)).toBe(refused);
  });
});
