import { describe, expect, it } from 'vitest';
import { startUpMsOf, timing } from '../../../domain/deploy/timing.ts';
import { StartUp } from '../../../domain/config/words.ts';
import { stepsOf } from '../../../domain/platforms/words.ts';
import { needsOf } from '../../../domain/gates/freeze.ts';
import { planFor } from '../../support/plan.ts';

describe('startUp', () => {
  it.each([
    [undefined, 60_000],
    [75, 75_000],
    ['90s', 90_000],
    ['90 s', 90_000],
    ['1800 s', 1_800_000],
    ['5 min', 300_000],
    ['30m', 1_800_000],
  ])('%s is %d ms', (startUp, ms) => {
    expect(StartUp.optional().safeParse(startUp).success).toBe(true);
    expect(startUpMsOf(startUp)).toBe(ms);
  });

  it.each([0, -1, 1801, 1.5, '0 s', '1801 s', '31 min', '1 h', '90', '', 'soon'])(
    '%s is refused',
    (startUp) => {
      expect(StartUp.safeParse(startUp).error?.issues[0]?.message).toBe(
        'use a time between 1 s and 30 min, such as 90 s or 5 min',
      );
    },
  );

  const { target, sha } = planFor({});
  const said = (startUpMs: number) => stepsOf({ target, sha, timing: { ...timing(), startUpMs } });

  it('is told to the approver if it is not the usual time', () => {
    expect(said(60_000).filter((step) => step.startsWith('wait'))).toEqual([]);
    expect(said(75_000)).toContain(
      'wait up to 75 s for the service to become healthy after each start, also in a rollback',
    );
    expect(said(1_800_000)).toContain(
      'wait up to 30 min for the service to become healthy after each start, also in a rollback',
    );
  });

  it('counts for the freeze gate, on each host', () => {
    const needs = (startUpMs: number) => needsOf({ target, timing: { ...timing(), startUpMs } });
    const hosts = target.platform === 'vps' ? target.hosts.length : 1;
    expect(needs(1_800_000) - needs(60_000)).toBe(hosts * 29 * 60_000);
  });
});
