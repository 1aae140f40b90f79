import { describe, expect, test } from 'vitest';
import { judgeAudit } from '../../../domain/gates/audit.ts';
import { judgeBudget } from '../../../domain/gates/budget.ts';
import { judgeFreeze } from '../../../domain/gates/freeze.ts';
import type { Judged } from '../../../domain/gates/judged.ts';
import { judgePlatform } from '../../../domain/gates/platform.ts';
import { judgePrevious } from '../../../domain/gates/previous.ts';
import { judgeSecrets } from '../../../domain/gates/secrets.ts';
import { judgeStop } from '../../../domain/gates/stop.ts';
import type { GateName } from '../../../domain/gates/table.ts';
import { judgeTests } from '../../../domain/gates/tests.ts';
import { uncheckedGate } from '../../../domain/messages/unchecked-gate.ts';
import { withoutWay } from '../../support/way-to-open.ts';

const sha = 'b'.repeat(40);
const now = Date.parse('2026-11-24T10:00:00Z');
const lists = { live: [], rollbackReady: [], remoteEndpoints: [], sourceErrors: [] };
const limits = { task: 0, day: 0, month: 0, agent: 0 };
const none = { day: 0, month: 0, agents: {} };

/** Every gate, closed because nothing is there. The tables of each gate check its other texts. */
const closed: Record<GateName, () => Judged> = {
  tests: () =>
    judgeTests({
      ...{ required: [], checkRuns: [], statuses: [], junit: 'unread', critical: [] },
      ...{ minimumTests: 1, sourceErrors: [] },
    }),
  secrets: () =>
    judgeSecrets({
      ...{ filesScanned: 0, crashedRules: ['the scan of a.ts'], findings: [], commitsScanned: 0 },
      ...{ allow: [], now: new Date(now).toISOString(), required: ['KEY'], hosts: [] },
      sourceErrors: [],
    }),
  audit: () =>
    judgeAudit({
      ...{ project: 'shop', environment: 'production', sha, readings: [], threshold: 'high' },
      ...{ maxAgeDays: 7, waivers: [], now: new Date(now).toISOString() },
    }),
  platform: () =>
    judgePlatform({
      ...{ ...lists, hosts: ['web1'], release: { id: 'x', sha }, rollbackTarget: { id: 'y', sha } },
      ...{ quarantine: { why: 'bad', since: 'now' }, sandbox: false, timeScale: 60 },
    }),
  budget: () =>
    judgeBudget({
      ...{ environment: 'production', priority: 'normal', badLines: 0, sourceErrors: [], now },
      ...{ budget: { estimate: null, limits, agent: null }, summary: null },
      spending: { costs: none, deploys: none, reserved: { deploys: 0, total: 0, agents: {} } },
    }),
  previous: () =>
    judgePrevious({ project: 'shop', before: 'staging', sha, record: null, sourceErrors: [] }),
  freeze: () =>
    judgeFreeze({
      windows: [{ name: 'weekend', from: now - 1, to: now + 1 }],
      ...{ now, needsMs: 1, hotfix: false, reason: 'routine deploy' },
    }),
  stop: () =>
    judgeStop(
      { key: 'k', at: new Date(now).toISOString(), by: 'ana', reason: 'the disk is full' },
      { priority: 'normal', reason: 'routine deploy' },
    ),
};

describe('a closed gate says how to open it', () => {
  test.each(Object.entries(closed))('%s', (_, judge) => {
    const { open, reasons } = judge();
    expect(open).toBe(false);
    expect(reasons.length).toBeGreaterThan(0);
    expect(withoutWay(reasons)).toEqual([]);
  });

  test('also if its check failed', () => {
    const text = uncheckedGate('GitHub did not complete the request\n(HTTP 503).');
    expect(text).toBe(
      'could not be checked: GitHub did not complete the request (HTTP 503). There is no data, so ' +
        'the gate stays closed. To see which service does not answer: plimsoll doctor. When every ' +
        'service answers, deploy again.',
    );
  });
});

describe('a text without a way', () => {
  test.each([
    'the archive is not whole. There is no data, so the gate stays closed.',
    'check "unit" ended failure.',
    'web1 did not answer, so the release that it serves is unknown. Please wait.',
    'The Set of checks is empty.',
  ])('is found: %s', (text) => expect(withoutWay([text])).toEqual([text]));

  test.each([
    'check "unit" ended failure. Fix the failure.',
    'no check is required. To require one, add a name.',
    'a source could not be read: the host. Check it: ls -l x. There is no data.',
  ])('is not found: %s', (text) => expect(withoutWay([text])).toEqual([]));
});
