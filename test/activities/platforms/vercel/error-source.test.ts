import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPreviousReleaseProbe } from '../../../../activities/watch/previous-release.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { bypass, project } from '../../../sandbox/platforms/vercel/vercel-fixture.ts';
import { smoke, vercelPlace } from './place.ts';
import type { VercelPlace } from './place.ts';
import { fromTheBegin } from '../../../support/drivers.ts';

let at: VercelPlace;
beforeEach(async () => {
  at = await vercelPlace();
});
afterEach(() => at.close());

const promoted = async (files = samples.good(2)) => {
  const next = await at.push(files);
  await at.ended(next.id);
  await at.do.promoteDeployment({ ...at.stepOf(next.sha), id: next.id });
};

describe('the watch', () => {
  const ask = (path: string) => fetch(`${at.target.url}${path}`).then((answer) => answer.text());
  const errorSource = (accessLog: string | null) =>
    at.driver.errorSource({
      target: at.target,
      watch: { accessLog },
      agoMs: () => 0,
      ...fromTheBegin,
    });

  test('counts requests where the plan of the team has them: each once, before and after', async () => {
    expect(await at.driver.measureBaseline({ target: at.target, accessLog: null })).toBeNull();
    for (const path of ['/', '/login', '/pay']) await ask(path);
    const measure = () => at.driver.measureBaseline({ target: at.target, accessLog: null });
    expect(await at.until(measure, (found) => found?.requests === 3)).toMatchObject({
      errors: 0,
      requests: 3,
      metric: 'vercel.request.count',
    });
    await promoted(samples.failsLater(0));
    const source = errorSource('vercel.request.count');
    for (const path of ['/', '/pay']) await ask(path);
    const seen = [0, 0];
    const added = async () => {
      const [errors = 0, requests = 0] = (await source.sample()) ?? [];
      return [(seen[0] = seen[0]! + errors), (seen[1] = seen[1]! + requests)];
    };
    const sum = (wanted: number) => at.until(added, ([, requests]) => requests === wanted);
    expect(await sum(2)).toEqual([1, 2]);
    expect(await added()).toEqual([1, 2]);
    await ask('/pay');
    expect(await sum(3)).toEqual([2, 3]);
    at.vercel.setMetrics('not in plan');
    expect(await source.sample()).toBeNull();
    source.close();
  });

  const baseline = () => at.driver.measureBaseline({ target: at.target, accessLog: null });

  test('counts production only, and asks for what Vercel accepts', async () => {
    const preview = await at.push(samples.failsLater(0), 'feature');
    await at.ended(preview.id);
    const { origin } = (await at.client.deployment({ project, id: preview.id }))!;
    const headers = { 'x-vercel-protection-bypass': bypass };
    expect((await fetch(`${origin}/pay`, { headers })).status).toBe(500);
    await ask('/');
    expect(await at.until(baseline, (found) => found !== null)).toMatchObject({
      errors: 0,
      requests: 1,
    });
  });

  test.each(['not in plan', 'quota', 'forbidden', 'invalid', 'limited'] as const)(
    'metrics that are refused (%s) are no data, and the plan is made',
    async (how) => {
      await ask('/');
      at.vercel.setMetrics(how);
      expect(await baseline()).toBeNull();
      const source = errorSource('vercel.request.count');
      expect(await source.sample()).toBeNull();
      source.close();
    },
  );

  test('metrics that do not answer are asked twice, then are no data', async () => {
    await ask('/');
    at.arm('500-before', '/observability/query', 2);
    expect(await baseline()).toBeNull();
    at.arm('drop-before', '/observability/query', 1);
    expect(await baseline()).toMatchObject({ requests: 1 });
  });

  test('cells without a status or a count do not blind the watch', async () => {
    for (const path of ['/', '/login']) await ask(path);
    at.vercel.setMetrics('cells missing');
    expect(await at.until(baseline, (found) => found?.requests === 2)).toMatchObject({
      errors: 0,
      requests: 2,
    });
    at.vercel.setMetrics('no buckets');
    expect(await baseline()).toMatchObject({ requests: 2, phi: 1, tau: 0.15 });
  });

  test('elsewhere follows the live runtime log: errors by the second, one sample without data when it breaks off', async () => {
    at.vercel.setMetrics('not in plan');
    expect(await at.driver.measureBaseline({ target: at.target, accessLog: null })).toBeNull();
    await promoted(samples.failsLater(0));
    const source = errorSource(null);
    expect(await source.sample()).toBeNull();
    const listening = async () => at.vercel.listening(project);
    await at.until(listening, (count) => count === 1);
    await ask('/pay');
    const sample = await at.until(
      () => source.sample(),
      (seen) => (seen?.[0] ?? 0) > 0,
    );
    expect(sample?.[1]).toBeGreaterThan(0);
    at.vercel.endLogs(project);
    expect(
      await at.until(
        () => source.sample(),
        (seen) => seen === null,
      ),
    ).toBeNull();
    await at.until(listening, (count) => count === 1);
    source.close();
    expect(await at.until(listening, (count) => count === 0)).toBe(0);
  });
});

describe('the previous release, at its own address', () => {
  const twin = (rollbackTarget: { id: string; sha: string; platformId?: string }) =>
    createPreviousReleaseProbe({ driverOf: (() => at.driver) as never }).probePreviousRelease({
      target: at.target,
      rollbackTarget,
      smoke,
    });

  test('is asked through the protection, beside what is live', async () => {
    await promoted(samples.failsLater(0));
    await fetch(`${at.target.url}/pay`);
    const reports = await twin({ id: 'r', sha: at.first, platformId: at.live });
    expect(reports.map(({ path, now, before }) => [path, now.status, before.status])).toEqual([
      ['auth', 500, 200],
      ['payments', 500, 200],
      ['core', 500, 200],
    ]);
  });

  test('is nowhere without an id, or once Vercel removed it', async () => {
    expect(await twin({ id: 'r', sha: at.first })).toEqual([]);
    expect(await twin({ id: 'r', sha: at.first, platformId: 'dpl_gone' })).toEqual([]);
  });
});
