import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Entry } from '../../domain/contract/activities.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, eventually, projectIn, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';

const good = {
  ...{ first: samples.good(1), next: samples.good(2), later: samples.good(3) },
  checks: 'success',
} as const;
const migration = { 'migrations/1.sql': 'drop table baskets;\n' };
const fleetProjects: ProjectSpec[] = [
  { ...good, name: 'plain', hosts: 2 },
  { ...good, name: 'crossing', hosts: 1, later: { ...samples.good(3), ...migration } },
];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ fleetProjects });
  await Promise.all(fleetProjects.map(({ name }) => shipTwice(name)));
}, 400_000);
afterAll(() => stack?.close());

/** Deploys the second and the third commit. Both are proven, and the third is live. */
async function shipTwice(name: string) {
  const { newSha, laterSha } = projectIn(stack.fleet, name);
  for (const sha of [newSha, laterSha ?? '']) {
    await stack.deploy(name, ['--ref', sha]);
    const { sealed } = await stack.reached(name, 'approval');
    await stack.approve(name);
    const two = (sealed?.plan.rule.required ?? 1) > 1;
    if (two) await stack.approve(name, 'robin');
    expect(await stack.report(name)).toMatchObject({ outcome: 'succeeded' });
  }
}

const by = () => stack.as('casey');
const rollBack = (name: string, ...more: string[]) =>
  stack.cli(['rollback', name, environment, ...more, ...by()]);
const entriesOf = async (name: string): Promise<Entry[]> =>
  JSON.parse((await stack.cli(['history', name, environment, '--json'])).stdout) as Entry[];
const newestOf = async (name: string, kind: Entry['kind']) =>
  (await entriesOf(name)).find((entry) => entry.kind === kind);

describe('after the deploy has closed', () => {
  test('lists what can be rolled back to, and asks for a reason', async () => {
    const { newSha, laterSha } = projectIn(stack.fleet, 'plain');
    const { stdout } = await stack.cli(['releases', 'plain', environment, '--json', ...by()]);
    expect(JSON.parse(stdout)).toMatchObject({
      live: [{ sha: laterSha }, { sha: laterSha }],
      releases: [{ sha: newSha }],
      next: { kind: 'rollback', from: laterSha, to: newSha },
    });
    const answer = await rollBack('plain');
    expect(answer).toMatchObject({ code: 2 });
    expect(answer.stderr).toContain('needs a reason');
  });

  test('rolls back while the line is stopped and its worker is killed, and is proven', async () => {
    const stop = await stack.cli(['stop-line', 'the database is full', ...by()]);
    expect(stop.code).toBe(0);
    await stack.fault('vps', 'plain-2 restart', 'hold');
    const running = rollBack('plain', '--reason', 'customers cannot pay');
    await eventually('one host restarts', async () => (await stack.holding()) > 0);
    await stack.workers.kill();
    await stack.release();
    await stack.workers.start();
    const answer = await running;
    expect(answer).toMatchObject({ code: 0 });
    expect(await stack.truthOf('plain')).toMatchObject({ served: ['new new new', 'new new new'] });
    const closed = await newestOf('plain', 'closed');
    expect(closed?.body).toMatchObject({
      outcome: 'rolled-back',
      reasons: ['casey ordered the rollback: customers cannot pay'],
    });
    const incident = await eventually('the incident', () => newestOf('plain', 'incident'));
    expect(incident?.body).toMatchObject({ severity: 'SEV4' });
    const revert = await eventually('the revert entry', () => newestOf('plain', 'revert'));
    expect(revert?.body).toMatchObject({ sha: null });
    expect(await newestOf('plain', 'quarantine')).toBeUndefined();
  });

  test('a second rollback does nothing, and no rollback goes forward', async () => {
    const { laterSha } = projectIn(stack.fleet, 'plain');
    const again = await rollBack('plain', '--reason', 'customers cannot pay');
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toContain('because the last deploy was rolled back. Nothing was changed.');
    const forward = await rollBack('plain', '--to', laterSha ?? '', '--reason', 'back and forth');
    expect(forward).toMatchObject({ code: 4 });
    expect(forward.stderr).toContain('is not older than the live release');
    expect(await stack.truthOf('plain')).toMatchObject({ served: ['new new new', 'new new new'] });
  });
});

test('across a migration, an approver signs; with blame, the release is quarantined and reverted', async () => {
  const running = rollBack('crossing', '--blame', '--reason', 'it deletes baskets');
  await stack.reached('crossing', 'awaiting-rollback-approval');
  const { laterSha } = projectIn(stack.fleet, 'crossing');
  const waiting = await stack.truthOf('crossing');
  expect(waiting.served).toEqual([[laterSha, laterSha, laterSha].join(' ')]);
  const sha = ['--sha', laterSha ?? ''];
  const signed = await stack.cli([
    'reject',
    'crossing',
    environment,
    ...sha,
    ...stack.as('morgan'),
  ]);
  expect(signed.code).toBe(0);
  expect(await running).toMatchObject({ code: 0 });
  expect(await stack.truthOf('crossing')).toMatchObject({ served: ['new new new'] });
  const quarantine = await eventually('quarantine', () => newestOf('crossing', 'quarantine'));
  expect(quarantine?.body).toMatchObject({ sha: laterSha });
  const revert = await eventually('the revert', () => newestOf('crossing', 'revert'));
  expect(revert?.body).toMatchObject({ sha: expect.stringMatching(/^[0-9a-f]{40}$/) });
});
