import { describe, expect, test } from 'vitest';
import { finalNote, silentNote, stillStuckNote } from '../../../domain/messages/slack-notes.ts';
import { stillFailingCause } from '../../../domain/messages/rollback-proof.ts';
import { failedRollbackPage, lostPage, stillFailingPage } from '../../../domain/messages/page.ts';
import { deploymentState } from '../../../domain/messages/github-deployment.ts';
import { questionPage, revertPage, stuckPage } from '../../../domain/messages/page.ts';
import { postMortem } from '../../../domain/messages/post-mortem.ts';
import type { Cause, DeployStatus } from '../../../domain/deploy/plan.ts';
import { secretsLocked } from '../../../domain/platforms/cloudflare/steps.ts';
import { cloudflarePlan } from '../../support/fake-cloudflare.ts';
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
    expect(stuckPage(status({ phase: 'rollback' }), plan)).toMatchObject({
      title: 'gateway production is stuck during the rollback',
      priority: 'urgent',
    });
    expect(stuckPage(status({ stuck: null }), plan)).toBeNull();
  });

  test('of a question, a failed restore, a first deploy and a revert', () => {
    expect(questionPage(status(), plan, 7)).toMatchObject({
      step: 'ask/7',
      title: 'gateway production: is bbbbbbb healthy?',
    });
    expect(failedRollbackPage(plan, cause)).toMatchObject({
      title: 'gateway production: THE ROLLBACK FAILED',
      text:
        'bbbbbbb ended rollback-failed: core: 500\n' +
        'Check every host now and make aaaaaaa live by hand.\n' +
        'What happened: plimsoll incidents incident-d-0123456789ab',
    });
    const detail = stillFailingCause(['core on web-1: it answered 500'], 'errors rose');
    expect(stillFailingPage(plan, { ...cause, detail })).toMatchObject({
      step: 'rolled-back-still-failing',
      title: 'gateway production: ROLLED BACK; STILL FAILING',
      text:
        'Every host was rolled back to aaaaaaa. rolled back; still failing: core on web-1: it ' +
        'answered 500. The rollback began because: errors rose\n' +
        'Find out why it fails now: damaged data, a dependency, or a process that was left behind.\n' +
        'What happened: plimsoll incidents incident-d-0123456789ab',
      priority: 'urgent',
    });
    expect(failedRollbackPage(planFor({ rollbackTarget: null }), cause).text).toContain(
      'This was the first release, so there is no rollback target.',
    );
    expect(revertPage(plan, 'conflict in app.js').text).toBe(
      'Production serves aaaaaaa again, but main still contains bbbbbbb: the next deploy would ' +
        'release it again.\n' +
        'conflict in app.js',
    );
  });

  test('of a lost deploy is urgent only where a person must act', () => {
    const lost = { ...plan, how: 'was terminated' };
    expect(lostPage(lost, 'rolled-back', 'served the previous release')).toMatchObject({
      priority: 'high',
      text:
        'The deploy of bbbbbbb was terminated without a rollback.\n' +
        'Reconciled as rolled-back: served the previous release\n' +
        'See the record: plimsoll history gateway production',
    });
    expect(lostPage(lost, 'rollback-failed', 'x').priority).toBe('urgent');
    expect(lostPage(lost, 'rolled-back-still-failing', 'x')).toMatchObject({
      title: 'gateway production was terminated: ROLLED BACK; STILL FAILING',
      priority: 'urgent',
    });
  });
});

test('GitHub never sees a success that is none', () => {
  const state = (over: Partial<DeployStatus>) => deploymentState(status(over)).state;
  expect(state({})).toBe('in_progress');
  expect(state({ outcome: 'succeeded' })).toBe('success');
  expect(state({ outcome: 'unproven' })).toBe('error');
  expect(state({ outcome: 'rollback-failed', cause })).toBe('error');
  expect(state({ outcome: 'rolled-back-still-failing', cause })).toBe('error');
  expect(state({ outcome: 'rolled-back', cause })).toBe('failure');
  expect(state({ outcome: 'rolled-back', cause: { ...cause, blames: 'person' } })).toBe('inactive');
  expect(state({ outcome: 'aborted' })).toBe('inactive');
});

test('GitHub says of a failure that stays live what it is', () => {
  expect(deploymentState(status({ outcome: 'rollback-not-approved', cause }))).toEqual({
    state: 'error',
    description: `the release failed and is still live: ${cause.detail}`,
  });
  expect(deploymentState(status({ outcome: 'rollback-not-approved', cause: null }))).toEqual({
    state: 'error',
    description: 'the release failed and is still live: unknown',
  });
});

test('the dead man says since when, and what to do without anybody to ask', () => {
  expect(silentNote(plan, '2026-01-01T00:10:59.000Z')).toBe(
    [
      'gateway production bbbbbbb WENT SILENT: no update since 2026-01-01 00:10 UTC.',
      'Nothing watches this release, and nothing can roll it back: Plimsoll’s worker or server ' +
        'is down.',
      '1. Start the server and the worker again, so that the deploy continues: plimsoll up (or ' +
        'plimsoll worker)',
      '2. See the status: plimsoll status gateway production',
      '3. If you cannot start them, check deploy@one:22. If the release is bad, make aaaaaaa live there by hand.',
      'If the status is closed: Slack was down when the deploy ended, and nothing is wrong.',
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
    { at: '2026-01-01T00:20:00.000Z', what: 'rollback' },
    { at: '2026-01-01T00:21:00.000Z', what: 'rolled-back' },
  ];
  const diagnosis = { cause: 'unknown' as const, evidence: ['# a\nlog line'] };
  const ended = {
    plan,
    cause,
    outcome: 'rolled-back' as const,
    rolledBackTo: plan.rollbackTarget,
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
- 2026-01-01 00:20:00 UTC rollback
- 2026-01-01 00:21:00 UTC rolled-back

## Root cause
- watch (to blame: the release): core: 500
- diagnosis: unknown
- evidence: # a log line

## Impact
- bbbbbbb was on deploy@one:22: at most 12 min
- Fill in: who noticed the failure, and how much did it cost?

## Fix
- rolled back to aaaaaaa, proven on every host
- main: see "revert" in plimsoll history gateway production
- Fill in: the commit that fixes the failure

## Prevention
- Fill in: which gate or test would have prevented this?

When this post-mortem is done: \`plimsoll incidents close incident-d-0123456789ab --by NAME\``);
});

test('a post-mortem draft of a Worker says how its secrets can be changed', () => {
  const worker = cloudflarePlan();
  const ended = { plan: worker, cause, outcome: 'rolled-back' as const };
  const diagnosis = { cause: 'unknown' as const, evidence: [] };
  const at = '2026-01-01T00:21:30.000Z';
  const { draft } = postMortem({
    ...ended,
    ...{ rolledBackTo: worker.rollbackTarget, severity: 'SEV2', diagnosis, at },
  });
  expect(draft).toContain(`\n- ${secretsLocked('agency-router')}\n- Fill in: the commit`);
});
