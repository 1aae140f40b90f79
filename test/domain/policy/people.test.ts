import { describe, expect, test } from 'vitest';
import { finalNote, silentNote, stillStuckNote } from '../../../domain/policy/notes.ts';
import { deploymentState, failedRestorePage, lostPage } from '../../../domain/policy/page.ts';
import { questionPage, revertPage, stuckPage } from '../../../domain/policy/page.ts';
import { postMortem } from '../../../domain/policy/post-mortem.ts';
import type { Cause, DeployStatus } from '../../../domain/plan.ts';
import { planFor } from '../../support/plan.ts';

const plan = planFor();
const cause: Cause = { kind: 'watch', blames: 'release', detail: 'core: 500' };
const status = (over: Partial<DeployStatus> = {}): DeployStatus => ({
  ...{ deployId: plan.deployId, project: plan.project, environment: plan.environment },
  phase: 'release',
  since: '2026-01-01T00:10:00.000Z',
  ...{ liveNow: 'bbbbbbb, not yet proven', waitingFor: 'a person', doThis: 'mend the cause' },
  sealed: { plan, gates: [], digest: '' },
  ...{ gates: [], rulings: [], smoke: null, watch: null, cause: null, outcome: null },
  stuck: { step: 'restart deploy@one:22', cause: 'no route', since: '2026-01-01T00:10:00.000Z' },
  ...over,
});

describe('a page', () => {
  test('of a stuck step says what is live, the step, the cause and what to do', () => {
    expect(stuckPage(status(), plan)).toEqual({
      deploy: expect.objectContaining({ deployId: plan.deployId }),
      step: 'stuck/2026-01-01T00:10:00.000Z',
      title: 'gateway production is stuck',
      text:
        'Live now: bbbbbbb, not yet proven\n' +
        'gateway production is stuck: restart deploy@one:22\nCause: no route\nmend the cause',
      priority: 'high',
    });
    expect(stuckPage(status({ phase: 'restore' }), plan)).toMatchObject({
      title: 'gateway production is stuck on its way back',
      priority: 'urgent',
    });
    expect(stuckPage(status({ stuck: null }), plan)).toBeNull();
  });

  test('of a question, a failed restore, a first deploy and a revert', () => {
    expect(questionPage(status(), plan, 7)).toMatchObject({
      step: 'ask/7',
      title: 'gateway production: is bbbbbbb healthy?',
    });
    expect(failedRestorePage(plan, cause)).toMatchObject({
      title: 'gateway production: THE WAY BACK FAILED',
      text:
        'bbbbbbb ended restore-failed: core: 500\n' +
        'Look at every host now and make aaaaaaa live by hand.\n' +
        'What happened: npx --no plimsoll incidents incident-d-0123456789ab',
    });
    expect(failedRestorePage(planFor({ restoreTo: null }), cause).text).toContain(
      'It was the first release: there is nothing to go back to.',
    );
    expect(revertPage(plan, 'conflict in app.js').text).toBe(
      'Production is back on aaaaaaa, but main still has bbbbbbb: the next deploy would ship it again.\n' +
        'conflict in app.js',
    );
  });

  test('of a lost deploy is urgent only where a person must act', () => {
    const lost = { ...plan, how: 'was terminated' };
    expect(lostPage(lost, 'rolled-back', 'restored')).toMatchObject({
      priority: 'high',
      text:
        'The deploy of bbbbbbb was terminated without taking anything back.\n' +
        'Reconciled as rolled-back: restored\n' +
        'What was recorded: npx --no plimsoll history gateway production',
    });
    expect(lostPage(lost, 'restore-failed', 'x').priority).toBe('urgent');
  });
});

test('GitHub never sees a success that is none', () => {
  const state = (over: Partial<DeployStatus>) => deploymentState(status(over)).state;
  expect(state({})).toBe('in_progress');
  expect(state({ outcome: 'succeeded' })).toBe('success');
  expect(state({ outcome: 'unproven' })).toBe('error');
  expect(state({ outcome: 'restore-failed', cause })).toBe('error');
  expect(state({ outcome: 'rolled-back', cause })).toBe('failure');
  expect(state({ outcome: 'rolled-back', cause: { ...cause, blames: 'person' } })).toBe('inactive');
  expect(state({ outcome: 'aborted' })).toBe('inactive');
});

test('GitHub says of a failure that stays live what it is', () => {
  expect(deploymentState(status({ outcome: 'frozen', cause }))).toEqual({
    state: 'error',
    description: `live although it failed: ${cause.detail}`,
  });
  expect(deploymentState(status({ outcome: 'frozen', cause: null }))).toEqual({
    state: 'error',
    description: 'live although it failed: unknown',
  });
});

test('the dead man says since when, and what to do without anybody to ask', () => {
  expect(silentNote(plan, '2026-01-01T00:10:59.000Z')).toBe(
    [
      'gateway production bbbbbbb WENT SILENT: no sign of life since 2026-01-01 00:10 UTC.',
      'Nobody watches this release, and nothing takes it back. Plimsoll’s worker or server is down.',
      '1. Start them again; the deploy goes on by itself: npx --no plimsoll up (or npx --no plimsoll worker)',
      '2. See what it says: npx --no plimsoll status gateway production',
      '3. If they cannot be started: look at deploy@one:22; if it is bad, make aaaaaaa live there by hand.',
      'If the status is closed, Slack was down when it ended and nothing is wrong.',
    ].join('\n'),
  );
});

test('the last line and the repeated one', () => {
  const done = status({ outcome: 'succeeded', liveNow: 'bbbbbbb, proven healthy' });
  expect(finalNote({ ...done, doThis: 'nothing' })).toBe(
    'succeeded: live now bbbbbbb, proven healthy.',
  );
  expect(stillStuckNote(status())).toMatch(/^Still stuck since 2026-01-01T00:10:00.000Z\. gateway/);
});

test('a post-mortem draft has the timeline, what is known, and what only people know', () => {
  const timeline = [
    { at: '2026-01-01T00:00:00.000Z', what: 'planning' },
    { at: '2026-01-01T00:10:00.000Z', what: 'release' },
    { at: '2026-01-01T00:20:00.000Z', what: 'restore' },
    { at: '2026-01-01T00:21:00.000Z', what: 'rolled-back' },
  ];
  const diagnosis = { cause: 'unknown' as const, evidence: ['# a\nlog line'] };
  const ended = {
    plan,
    cause,
    outcome: 'rolled-back' as const,
    restored: plan.restoreTo,
    timeline,
  };
  const at = '2026-01-01T00:21:30.000Z';
  const draft = postMortem({ ...ended, severity: 'SEV2', diagnosis, at });
  expect(draft).toMatchObject({
    incident: 'incident-d-0123456789ab',
    severity: 'SEV2',
    due: '2026-01-02T00:21:30.000Z',
  });
  expect(draft.draft).toBe(`# SEV2: gateway production bbbbbbb ended rolled-back

incident-d-0123456789ab · requested by alice (fix the queue) · due 2026-01-02T00:21:30.000Z

## Timeline
- 2026-01-01 00:00:00 UTC planning
- 2026-01-01 00:10:00 UTC release
- 2026-01-01 00:20:00 UTC restore
- 2026-01-01 00:21:00 UTC rolled-back

## Root cause
- watch, blames the release: core: 500
- diagnosis: unknown
- evidence: # a log line

## Impact
- bbbbbbb was on deploy@one:22: at most 12 min
- TODO: who noticed, and what it cost them

## Fix
- restored aaaaaaa and proved it on every host
- main: see "revert" in npx --no plimsoll history gateway production
- TODO: the commit that mends it

## Prevention
- TODO: which gate or test would have closed on this?

When it is done: \`npx --no plimsoll incidents close incident-d-0123456789ab --by NAME\``);
});
