import { describe, expect, test } from 'vitest';
import { whatFollows } from '../../../domain/messages/order.ts';
import { confirmCrossing } from '../../../client/sign/confirm-crossing.ts';
import { decisionOf, waitingPlan } from '../../../client/session/decision.ts';
import type { DeploySnapshot } from '../../../client/session/read-deploy.ts';
import { sealDigest } from '../../../activities/lib/seal-digest.ts';
import { recordedIo } from '../../support/io.ts';
import { planFor } from '../../support/plan.ts';

const plan = planFor({ forwardOnly: 'db/1.sql' });
const sealed = { plan, gates: [], digest: sealDigest(plan, []) };
const crossed = 'schema migrations that are not declared backward-compatible (db/1.sql)';
const snapshot = (phase: string): DeploySnapshot => ({
  ...{ place: { project: 'gateway', environment: 'production' }, runId: 'r', running: true },
  ...{ state: 'RUNNING', startedAt: '2026-01-01T00:00:00.000Z', closedAt: null },
  ...{ requester: 'alice', phase, sealed, status: null, pending: [], failing: null },
});

describe('a rollback across migrations', () => {
  test('is typed, before it is signed', async () => {
    const io = recordedIo({ answers: ['aaaaaaa'] });
    await confirmCrossing(io, sealed, undefined);
    expect(io.stderr).toContain(`aaaaaaa becomes live again on a database that has ${crossed}.`);
  });

  test.each([
    [['yes'], 'The typed text is not aaaaaaa'],
    [[], 'There is no terminal to ask on'],
  ])('is not signed otherwise: %j', async (answers, what) => {
    await expect(confirmCrossing(recordedIo({ answers }), sealed, undefined)).rejects.toMatchObject(
      {
        exitCode: 4,
        message:
          `${what}. Nothing was signed.\n` +
          'Name the release to roll back:  plimsoll reject gateway production --sha bbbbbbb',
      },
    );
  });

  test('is confirmed by naming the release that is rolled back', async () => {
    const io = recordedIo({ answers: [] });
    await confirmCrossing(io, sealed, 'bbbbbbb');
    expect(io.stderr).toHaveLength(1);
  });

  test('is asked as a keep is, also after the plan ran out', () => {
    const now = new Date('2026-01-01T09:00:00.000Z');
    expect(waitingPlan(snapshot('awaiting-rollback-approval'), { verb: 'reject' }, now)).toBe(
      sealed,
    );
    const words = { verb: 'reject', approver: 'bob', asked: 'keep', now } as const;
    expect(decisionOf(sealed, words)).toMatchObject({ subject: 'keep', decision: 'reject' });
  });

  test.each([
    [
      'rollback',
      'watch',
      `gateway production: the deploy stops; the rollback crosses ${crossed}.`,
      ' An approver must sign the rollback: plimsoll reject gateway production',
    ],
    [
      'abort',
      'awaiting-rollback-approval',
      'gateway production: the deploy closes as rollback-not-approved; the live release stays as it is.',
      '',
    ],
    [
      'abort',
      'approval',
      'gateway production: the deploy closes as aborted in approval; production was not touched.',
      '',
    ],
  ] as const)('%s in %s says what follows', (verb, phase, text, next) => {
    expect(whatFollows(verb, snapshot(phase))).toBe(
      `${text} No worker answers now, so this happens when a worker is back.${next}`,
    );
  });
});
