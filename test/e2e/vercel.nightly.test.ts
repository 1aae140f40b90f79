import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeployReport } from '../../domain/deploy/status.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { projectIn, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';

/** A service that both releases of one shop need. The service is not declared as a dependency. */
const supplier = createServer((_, response) => response.writeHead(200).end('ok'));
const listen = () => new Promise<void>((resolve) => supplier.listen(0, '127.0.0.1', resolve));
const goDown = async () => {
  supplier.closeAllConnections();
  await new Promise((resolve) => supplier.close(resolve));
};

const on = { at: 'vercel', hosts: 0, checks: 'success', first: samples.good(1) } as const;
let stack: Stack;
beforeAll(async () => {
  await listen();
  const url = `http://127.0.0.1:${(supplier.address() as AddressInfo).port}/`;
  const fleetProjects: ProjectSpec[] = [
    // This commit is not on main. Plimsoll pushes it to main, and then Vercel builds it.
    { ...on, name: 'delhi-palace', next: samples.good(2), merged: false },
    { ...on, name: 'barber-crm', next: samples.failsLater(30) },
    { ...on, name: 'broken', next: samples.failsLater(0) },
    { ...on, name: 'open', next: samples.good(2) },
    { ...on, name: 'shop', first: samples.needs(url, 1), next: samples.needs(url, 2) },
  ];
  stack = await startStack({ fleetProjects });
  stack.fleet.sandbox.vercel?.setAutoAssign('open', true);
});
afterAll(async () => {
  await stack?.close();
  if (supplier.listening) await goDown();
});

async function approved(project: string, more: string[] = []) {
  await stack.deploy(project, more);
  await stack.reached(project, 'approval');
  await stack.approve(project);
}

const truthOf = async (project: string) =>
  (await stack.fleet.sandbox.vercel?.truth())?.find((it) => it.project === project);

test('all are approved but the one whose domains are assigned by themselves', async () => {
  await Promise.all([
    approved('delhi-palace', ['--ref', 'next']),
    approved('barber-crm'),
    approved('broken'),
    stack.deploy('open'),
  ]);
  const { outcome, gates } = await stack.status('open').then(async (now) => {
    await stack.handle('open').result();
    return now.outcome ? now : await stack.status('open');
  });
  const [closed] = gates.find(({ gate }) => gate === 'platform')?.reasons ?? [];
  expect(outcome).toBe('gate-closed');
  expect(closed).toMatch(
    /^vercel open assigns its production domains automatically: every push to main would go live .* Turn this off under Settings → Environments → Production → /,
  );
});

test('a good commit is pushed to main, built, tried, promoted, watched; domains stay by hand', async () => {
  const report = await stack.report('delhi-palace');
  expect(report).toMatchObject({ outcome: 'succeeded', platform: 'vercel', touched: true });
  expect(await stack.truthOf('delhi-palace')).toEqual({ served: ['new new'], main: 'new' });
  expect(await truthOf('delhi-palace')).toMatchObject({ autoAssign: false });
  expect(await stack.effectsOf('delhi-palace')).toEqual({
    ...{ 'git publish': 1, 'vercel build': 1, 'vercel promote': 1, 'vercel live': 1 },
    ...{ 'vercel updateProject': 1, 'github createComment': 1, 'github updateIssue': 1 },
  });
});

test('a release that turns bad is rolled back to the recorded deployment, and main reverted', async () => {
  const before = (await truthOf('barber-crm'))?.deployments[0]?.id;
  const report = await stack.report('barber-crm');
  expect(report).toMatchObject({ outcome: 'rolled-back', touched: true });
  expect(report.reasons[0]).toMatch(/^probes: .+\. Bad since sample \d+/);
  expect(await stack.aftermath(report)).toMatchObject({ quarantined: true });
  expect(await stack.truthOf('barber-crm')).toEqual({ served: ['old old'], main: 'reverted' });
  expect(await truthOf('barber-crm')).toMatchObject({ live: before, autoAssign: false });
  expect(await stack.effectsOf('barber-crm')).toMatchObject({
    ...{ 'vercel promote': 1, 'vercel rollback': 1, 'vercel live': 2, 'git push': 1 },
  });
});

test('a release that is broken at its own address is never promoted', async () => {
  const report = await stack.report('broken');
  expect(report).toMatchObject({ outcome: 'aborted', touched: false });
  const { newSha } = projectIn(stack.fleet, 'broken');
  expect(report.reasons[0]).toContain(
    `vercel broken: ${newSha.slice(0, 7)} is not healthy at its own address, so it was not promoted:\n- `,
  );
  expect(await stack.truthOf('broken')).toMatchObject({ served: ['old old'], main: 'new' });
  expect(await stack.effectsOf('broken')).toEqual({ 'vercel build': 1 });
});

test('an external outage ends in ask: the previous release fails too', async () => {
  await approved('shop');
  await stack.reached('shop', 'watch');
  await goDown();
  const asked = await stack.reached('shop', 'decision');
  expect(asked.watch?.reasons[0]).toMatch(
    /^the previous release fails in the same way at its own address: .*payments: http:\S+\/pay \(502 in \d+ ms, twice\)/,
  );
  expect(await stack.truthOf('shop')).toMatchObject({ served: ['new new'] });
  const kept = await stack.cli(['keep', 'shop', 'production', ...stack.as('morgan'), '--yes']);
  expect(kept).toMatchObject({ code: 0, stdout: expect.stringContaining('The decision counts: ') });
  expect((await stack.handle('shop').result()) as DeployReport).toMatchObject({
    outcome: 'unproven',
  });
  expect(await stack.effectsOf('shop')).toMatchObject({ 'vercel promote': 1, 'vercel live': 1 });
});
