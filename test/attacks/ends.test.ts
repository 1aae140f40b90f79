import { beforeEach, describe, expect, test } from 'vitest';
import type { EndedDeploy, SealedEnd } from '../../domain/contract/end.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { Cause, Outcome, ServedProof } from '../../domain/deploy/plan.ts';
import { guardedWorker, plan, place, state } from './support/guarded-worker.ts';

/**
 * Whoever reaches the Temporal server ends a deploy in the ledger while its release stays live. Every
 * way must fail, or must page people.
 */

let worker: Awaited<ReturnType<typeof guardedWorker>>;
const target = plan.rollbackTarget!.sha;
const cause: Cause = { kind: 'watch', blames: 'release', detail: 'errors rose' };
const refusal = expect.objectContaining({ type: failures.refused });
const other = 'run-of-a-stranger';

beforeEach(async () => {
  worker = await guardedWorker();
  await worker.order('append', worker.intent());
  worker.hostsServe(plan.sha);
});

const seal = (outcome: Outcome, over: object = {}, run?: string) =>
  worker.order(
    'sealEnd',
    { plan: worker.sealed.plan, outcome, cause, timeline: [], proof: null, ...over },
    run,
  ) as Promise<SealedEnd>;
const close = (end: unknown) =>
  worker.order(
    'closeAfterRollback',
    { deployId: plan.deployId, end },
    other,
  ) as Promise<EndedDeploy>;
const append = (outcome: Outcome, run?: string) =>
  worker.order('append', worker.rowOf('closed', { outcome }), run);
const ended = async () =>
  (await worker.ledger.find(`${plan.deployId}/closed`))?.body['outcome'] ?? null;
const titles = () => worker.pages.map(({ title }) => title);
const prove = async (problems: string[] = []) => {
  worker.world.problems = problems;
  const { warrant } = worker;
  return (await worker.order('proveServed', { warrant, deploy: warrant.deploy })) as ServedProof;
};

describe('a deploy that somebody terminated', () => {
  beforeEach(() => {
    worker.world.execution = state('TERMINATED');
  });

  test('is not closed as rolled back while its release is live, and stays open', async () => {
    const end = await seal('rolled-back', {}, other);
    await expect(close(end)).rejects.toThrow('its rollback is not done');
    expect(await ended()).toBeNull();
  });

  test('is closed as a failed rollback only with a page', async () => {
    const end = await seal('rollback-failed', {}, other);
    expect(titles()).toEqual(['shop staging: THE ROLLBACK FAILED']);
    expect(await close(end)).toMatchObject({ outcome: 'rollback-failed', paged: true });
    expect(worker.pages).toHaveLength(1);
  });

  test('is closed as still failing only with a page, and only after a rollback', async () => {
    const end = await seal('rolled-back-still-failing', {}, other);
    expect(titles()).toEqual(['shop staging: ROLLED BACK; STILL FAILING']);
    await expect(close(end)).rejects.toThrow('its rollback is not done');
  });

  test('is not closed as unproven, as a success, or as a rollback that nobody approved', async () => {
    for (const outcome of ['unproven', 'succeeded', 'rolled-back', 'rollback-failed'] as const)
      await expect(append(outcome, other)).rejects.toEqual(refusal);
    await expect(seal('rollback-not-approved', {}, other)).rejects.toEqual(refusal);
    expect(await ended()).toBeNull();
  });
});

describe('a stranger in the place of the worker for the workflow tasks of an approved deploy', () => {
  test.each(['aborted', 'gate-closed', 'expired', 'rejected'] as const)(
    'does not close it as %s while its release is live',
    async (outcome) => {
      await expect(append(outcome)).rejects.toThrow('this deploy has changed production');
      expect(await ended()).toBeNull();
      worker.world.served = null;
      await append(outcome);
      expect(titles()).toEqual(['shop staging: check what is live']);
    },
  );

  test('does not close it as rolled back while its release is live: this is a failed rollback', async () => {
    const end = await seal('rolled-back');
    expect(titles()).toEqual([]);
    expect(await close(end)).toMatchObject({
      outcome: 'rollback-failed',
      paged: true,
      cause: {
        ...cause,
        detail:
          'the rollback was reported as done, but the hosts serve: bbbbbbb on deploy@one:22. ' +
          'The deploy was rolled back because of: errors rose',
      },
    });
    expect(await ended()).toBe('rollback-failed');
    expect(titles()).toEqual(['shop staging: THE ROLLBACK FAILED']);
  });

  test('does not close it as unproven without a page, unless an approver decided to keep it', async () => {
    const forged = { ruling: { verdict: 'void', decision: 'approve' }, asked: 'keep' };
    const row = { kind: 'ruling', deployId: plan.deployId, ...place } as const;
    await worker.ledger.append({ ...row, key: 'a forged one', body: forged });
    await append('unproven');
    expect(titles()).toEqual(['shop staging: check what is live']);
    expect(worker.pages[0]?.text).toBe(
      'The deploy of bbbbbbb ended as unproven, but this is not proven: nobody decided to keep the ' +
        'release, and its watch proves no success.\n' +
        'Check every host now. aaaaaaa was live before.\n' +
        'See the record: plimsoll history shop staging',
    );
  });

  test('a kept release needs no page', async () => {
    const kept = { ruling: { verdict: 'counted', decision: 'approve' }, asked: 'keep' };
    const row = { kind: 'ruling', deployId: plan.deployId, ...place } as const;
    await worker.ledger.append({ ...row, key: 'kept', body: kept });
    await append('unproven');
    expect(await ended()).toBe('unproven');
    expect(titles()).toEqual([]);
  });

  test('changes no outcome, cause or proof of a sealed end', async () => {
    const end = await seal('rollback-failed');
    for (const over of [
      { outcome: 'rolled-back' },
      { cause: { ...cause, blames: 'person' } },
      { timeline: [{ at: 'x', what: 'y' }] },
      { paged: !end.paged },
      { proof: { requests: 1, problems: [], notChecked: [] } },
    ])
      await expect(close({ ...end, ...over })).rejects.toEqual(refusal);
    await expect(close(undefined)).rejects.toEqual(refusal);
    expect(await ended()).toBeNull();
  });

  test('orders no forward effect without the entry about the first effect', async () => {
    const fresh = await guardedWorker();
    const { warrant } = fresh;
    const step = { warrant, deploy: warrant.deploy, host: { name: 'one' } };
    await expect(fresh.order('switchRelease', step)).rejects.toThrow('no entry about the first');
    expect(fresh.calls).toEqual([]);
  });

  test('orders no forward effect after the worker has looked', async () => {
    worker.hostsServe(target);
    await close(await seal('rolled-back', { proof: await prove() }));
    const rows = await worker.ledger.read({ ...place, kinds: ['rolling-back'], limit: 1 });
    expect(rows).toHaveLength(1);
  });
});

test('no other run seals the end of a deploy whose own run still runs', async () => {
  for (const outcome of ['rolled-back', 'rollback-failed'] as const)
    await expect(seal(outcome, {}, other)).rejects.toThrow('the run of this deploy still runs');
  expect(titles()).toEqual([]);
});

describe('a rollback', () => {
  beforeEach(() => worker.hostsServe(target));

  test('that every host and the sealed proof confirm is recorded without a page', async () => {
    const end = await seal('rolled-back', { proof: await prove() });
    expect(await close(end)).toEqual({
      plan: worker.sealed.plan,
      ...{ outcome: 'rolled-back', cause, timeline: [], paged: false },
      rolledBackTo: plan.rollbackTarget,
    });
    expect(titles()).toEqual([]);
    expect(await close(undefined)).toMatchObject({ outcome: 'rolled-back' });
  });

  test.each<[string, () => Promise<ServedProof | null>, string]>([
    ['has no proof', async () => null, 'no worker proved that the rollback target works'],
    [
      'has a proof that no worker sealed',
      async () => ({ ...(await prove(['/pay: 500'])), problems: [] }),
      'no worker proved that the rollback target works',
    ],
    [
      'has a proof with problems',
      () => prove(['one: /pay: 500']),
      'the proof found: one: /pay: 500',
    ],
  ])('that %s is recorded with a page', async (_, proof, why) => {
    const end = await seal('rolled-back', { proof: await proof() });
    expect(await close(end)).toMatchObject({ outcome: 'rolled-back', paged: true });
    expect(titles()).toEqual(['shop staging: check what is live']);
    expect(worker.pages[0]?.text).toContain(`this is not proven: ${why}.`);
  });

  test('is recorded with a page if no host can be read', async () => {
    const end = await seal('rolled-back', { proof: await prove() });
    worker.world.served = null;
    expect(await close(end)).toMatchObject({ outcome: 'rolled-back', paged: true });
  });

  test('is recorded without a pager, and the workflow then pages', async () => {
    worker.world.pager = false;
    const end = await seal('rollback-failed');
    expect(end.paged).toBe(false);
    expect(await close(end)).toMatchObject({ outcome: 'rollback-failed', paged: false });
  });

  test('is recorded after a newer deploy began, and does not look at its release', async () => {
    const end = await seal('rolled-back', { proof: await prove() });
    const newer = { kind: 'released', deployId: 'd-newer', ...place, body: {} } as const;
    await worker.ledger.append({ key: 'd-newer/released', ...newer });
    worker.hostsServe(plan.sha);
    expect(await close(end)).toMatchObject({ outcome: 'rolled-back', paged: false });
  });
});

test('the branch is reverted and the commit quarantined only if it follows from the end', async () => {
  const revert = { plan: worker.sealed.plan, rolledBackTo: plan.rollbackTarget, cause };
  const quarantine = worker.rowOf('quarantine', { sha: plan.sha });
  await close(await seal('rollback-failed', { cause: { ...cause, blames: 'person' } }));
  await expect(worker.order('revertMain', revert)).rejects.toThrow('does not follow from the end');
  await expect(worker.order('reopenIssues', revert)).rejects.toThrow('does not follow');
  await expect(worker.order('append', quarantine)).rejects.toThrow('does not follow');
});
