import { afterEach, describe, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { project } from '../../../sandbox/platforms/vercel/vercel-fixture.ts';
import { failureText } from './failure-text.ts';
import { vercelPlace } from './place.ts';
import type { VercelPlace } from './place.ts';

let at: VercelPlace;
let bad: { sha: string; id: string };
/** Promotes the release `bad`, so that it is live. */
async function promoted(options: Parameters<typeof vercelPlace>[0] = {}) {
  at = await vercelPlace(options);
  bad = await at.push(samples.good(2));
  await at.ended(bad.id);
  await at.do.promoteDeployment({ ...at.stepOf(bad.sha), id: bad.id });
}
afterEach(() => at.close());

const rollBack = (id: string | undefined = at.live, sha = at.first) =>
  at.do.rollBackProduction(at.back(sha, id));
const count = (operation: string) => at.effects().filter((one) => one === operation).length;
const isBack = async () => {
  expect(await at.truth()).toMatchObject({ live: at.live, autoAssign: false });
  expect(await at.served()).toMatchObject({ sha: at.first });
};

describe('the rollback', () => {
  test('is one instant rollback to the recorded deployment, proven; the same again is none', async () => {
    await promoted();
    expect(await rollBack()).toMatchObject({
      host: 'vercel barber-crm',
      sha: at.first,
      id: at.live,
      healthy: true,
    });
    await isBack();
    expect((await at.client.project(project)).rollbackNote).toBe('Plimsoll d-1 rolls back');
    await rollBack();
    expect(count('rollback')).toBe(1);
  });

  test('where nothing was promoted yet is no effect at all', async () => {
    at = await vercelPlace();
    expect(await rollBack()).toMatchObject({ id: at.live, healthy: true });
    expect(at.effects()).toEqual([]);
  });

  test.each(['500-after', 'drop-after'] as const)('%s: found, not done twice', async (kind) => {
    await promoted();
    at.arm(kind, '/rollback/');
    expect((await failureText(rollBack())).type).toBe('UnknownOutcome');
    await rollBack();
    await isBack();
    expect(count('rollback')).toBe(1);
  });

  test('waits for the promote that is still running, then rolls it back', async () => {
    at = await vercelPlace();
    bad = await at.push(samples.good(2));
    await at.ended(bad.id);
    at.vercel.hold(project, 'jobs');
    await at.client.promote({ ...at.where, id: bad.id });
    const going = rollBack();
    at.vercel.letGo(project, 'jobs');
    await going;
    await isBack();
    expect(count('rollback')).toBe(1);
  });

  test('after a promote that moved one domain of two points both at the old one', async () => {
    at = await vercelPlace({ project: { domains: 2 } });
    bad = await at.push(samples.good(2));
    await at.ended(bad.id);
    at.vercel.failNextMove(project, 'fails-in-part');
    await failureText(at.do.promoteDeployment({ ...at.stepOf(bad.sha), id: bad.id }));
    expect(await at.served()).toMatchObject({ sha: bad.sha });
    await rollBack();
    await isBack();
    expect((await at.truth()).served.map(({ deployment }) => deployment)).toEqual([
      at.live,
      at.live,
    ]);
  });

  test('on Hobby, two releases back, is a promote: the plan has no rollback to it', async () => {
    await promoted({ plan: 'hobby' });
    await at.do.turnAutoAssignOff(at.stepOf(bad.sha));
    const worse = await at.push(samples.good(3));
    await at.ended(worse.id);
    await at.do.promoteDeployment({ ...at.stepOf(worse.sha), id: worse.id });
    await rollBack();
    await isBack();
    expect([count('rollback'), count('promote')]).toEqual([0, 3]);
  });

  test('whose id was never recorded is found by its commit', async () => {
    await promoted();
    await at.do.rollBackProduction(at.back(at.first));
    await isBack();
    expect((await failureText(at.do.rollBackProduction(at.back('c'.repeat(40))))).lines).toEqual([
      'vercel barber-crm: Vercel has no deployment of ccccccc to roll back to.',
      "Promote a good deployment by hand in Vercel's dashboard: Deployments → Instant Rollback.",
    ]);
  });

  test('that is unhealthy itself does not count as rolled back', async () => {
    at = await vercelPlace();
    const sick = await at.push(samples.neverHealthy());
    await at.ended(sick.id);
    await at.do.promoteDeployment({ ...at.stepOf(sick.sha), id: sick.id });
    bad = await at.push(samples.good(2));
    await at.ended(bad.id);
    await at.do.promoteDeployment({ ...at.stepOf(bad.sha), id: bad.id });
    expect(await failureText(rollBack(sick.id, sick.sha))).toEqual({
      type: 'UnhealthyRollback',
      nonRetryable: true,
      lines: [
        `vercel barber-crm: the rollback target ${sick.sha.slice(0, 7)} was promoted, but production does not serve it or is not healthy:`,
        `- ${at.target.url}/healthz is not healthy: it does not answer 2xx`,
      ],
    });
  });

  test('of a failing job is tried again by the next attempt', async () => {
    await promoted();
    at.vercel.failNextMove(project, 'fails');
    const { host } = new URL(at.target.url);
    expect((await failureText(rollBack())).lines).toEqual([
      `vercel barber-crm: the rollback to ${at.live} ended as "failed" at Vercel. These domains were not moved: ${host}.`,
    ]);
    await rollBack();
    await isBack();
  });
});
