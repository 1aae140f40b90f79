import { beforeEach, describe, expect, test } from 'vitest';
import { failures } from '../../domain/deploy/failures.ts';
import type { SealedPlan, Warrant } from '../../domain/deploy/plan.ts';
import { guardedWorker, place, target, type Call } from './support/guarded-worker.ts';

let order: Awaited<ReturnType<typeof guardedWorker>>['order'];
let ledger: Awaited<ReturnType<typeof guardedWorker>>['ledger'];
let calls: Call[];
let warrant: Warrant;

beforeEach(async () => {
  const worker = await guardedWorker();
  ({ order, ledger, calls, warrant } = worker);
  await order('append', worker.intent());
});

const refusal = expect.objectContaining({ type: failures.refused });
const [host] = 'hosts' in target ? target.hosts : [];

describe('a rollback after the deploy', () => {
  const lateRun = 'run-of-the-rollback';
  async function planned(signs: boolean) {
    const made = (await order('planRollback', { signs }, lateRun)) as SealedPlan;
    const { deployId, sha } = made.plan;
    const closed = { outcome: 'succeeded' };
    const old = warrant.deploy.deployId;
    const ended = { kind: 'closed', key: `${old}/closed`, deployId: old, ...place } as const;
    await ledger.append({ ...ended, body: closed });
    const body = { runId: lateRun, sha };
    await ledger.append({ kind: 'started', key: deployId, deployId, ...place, body });
    calls.length = 0;
    return made;
  }
  const stepOf = ({ plan: { warrant: own } }: SealedPlan) => ({
    ...{ warrant: own, deploy: own!.deploy, target, host, release: own!.release },
  });
  const intent = ({ plan: own }: SealedPlan) => ({
    ...{ kind: 'released', key: `${own.deployId}/released`, deployId: own.deployId, ...place },
    ...{ body: { plan: own }, warrant: own.warrant },
  });
  const acted = () => calls.map(({ name }) => name);

  test('rolls back with its own seal, and deploys nothing', async () => {
    const made = await planned(false);
    await order('append', intent(made), lateRun);
    await order('rollBackHost', stepOf(made), lateRun);
    expect(calls.at(-1)?.input).toMatchObject({ release: made.plan.rollbackTarget });
    for (const forward of ['switchRelease', 'stageRelease', 'publishCommit', 'restartService'])
      await expect(order(forward, stepOf(made), lateRun)).rejects.toEqual(refusal);
    expect(acted()).toEqual(['append', 'rollBackHost']);
  });

  test('that nobody has signed across a migration only reads', async () => {
    const made = await planned(true);
    await expect(order('append', intent(made), lateRun)).rejects.toEqual(refusal);
    for (const name of ['rollBackHost', 'declareRollback', 'switchRelease'])
      await expect(order(name, stepOf(made), lateRun)).rejects.toEqual(refusal);
    const end = { plan: made.plan, outcome: 'rolled-back', cause: {}, timeline: [], proof: null };
    await expect(order('sealEnd', end, lateRun)).rejects.toEqual(refusal);
    await order('runSmoke', stepOf(made), lateRun);
    expect(acted()).toEqual(['runSmoke']);
  });

  test('is allowed only in the run that asked, and only for the sealed plan', async () => {
    const made = await planned(true);
    const signed = { sealed: made, signed: [] };
    await expect(order('allowRollback', signed, 'another')).rejects.toEqual(refusal);
    const other = { ...made, plan: { ...made.plan, rollbackTarget: made.plan.release } };
    const forged = { sealed: other, signed: [] };
    await expect(order('allowRollback', forged, lateRun)).rejects.toEqual(refusal);
    await expect(
      order('allowRollback', { sealed: await planned(false), signed: [] }, lateRun),
    ).rejects.toEqual(refusal);
    expect(acted()).toEqual([]);
  });

  test('needs its intent in the ledger for every other run, and no newer deploy', async () => {
    const made = await planned(false);
    await expect(order('rollBackHost', stepOf(made), 'a recovery')).rejects.toEqual(refusal);
    await expect(order('append', intent(made), 'a recovery')).rejects.toEqual(refusal);
    await order('append', intent(made), lateRun);
    await order('rollBackHost', stepOf(made), 'a recovery');
    const newer = { deployId: 'd-newer', ...place, body: { runId: 'x' } };
    await ledger.append({ kind: 'released', key: 'newer', ...newer });
    await expect(order('rollBackHost', stepOf(made), lateRun)).rejects.toEqual(refusal);
  });

  test('does not begin after a newer deploy has begun, and proves no release', async () => {
    const made = await planned(false);
    const { warrant: own, deployId, sha, release } = made.plan;
    const closed = {
      ...{ kind: 'closed', key: `${deployId}/closed`, deployId, ...place, warrant: own },
      body: { outcome: 'unproven', sha, release },
    };
    await order('append', intent(made), lateRun);
    await expect(order('append', closed, lateRun)).rejects.toThrow('a rollback proves no release');
    const newer = { deployId: 'd-newer', ...place, body: { runId: 'x' } };
    await ledger.append({ kind: 'started', key: 'newer', ...newer });
    await expect(order('append', intent(made), lateRun)).rejects.toEqual(refusal);
  });
});
