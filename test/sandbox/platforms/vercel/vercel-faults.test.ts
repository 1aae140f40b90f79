import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { project, token, vercelFixture } from './vercel-fixture.ts';
import type { VercelFixture } from './vercel-fixture.ts';

let fixture: VercelFixture;
let id = '';
beforeEach(async () => {
  fixture = await vercelFixture();
  ({ id } = await fixture.push(samples.good(2)));
  await fixture.ended(id);
  fixture.board.effects.length = 0;
});
afterEach(() => fixture.close());

const promote = () => fixture.client.promote({ ...fixture.where, id });
const typeOf = async (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (cause: { type?: string }) => cause.type,
  );
/** Returns the effects that the stand-in counted, and true if the deployment `id` is live. */
const moved = async () => {
  const effects = fixture.effects().filter((effect) => effect !== 'live');
  if (effects.length > 0) await fixture.moved();
  return [effects, (await fixture.vercel.truth())[0]?.live === id];
};

describe('the faults of a promote', () => {
  test('429 tells when the window ends, and leaves no effect', async () => {
    fixture.arm('429', '/promote/');
    const path = `/v10/projects/${project}/promote/${id}?teamId=team_acme`;
    const headers = { authorization: `Bearer ${token}` };
    const call = { method: 'POST', headers };
    const answer = await fetch(`${fixture.vercel.address}${path}`, call);
    expect(answer.status).toBe(429);
    expect(answer.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(Number(answer.headers.get('x-ratelimit-reset')) * 1000).toBeGreaterThan(Date.now());
    expect(await moved()).toEqual([[], false]);
  });

  test.each(['500-before', 'drop-before'] as const)('%s leaves no effect', async (kind) => {
    fixture.arm(kind, '/promote/');
    expect(await typeOf(promote())).toBe('UnknownOutcome');
    expect(await moved()).toEqual([[], false]);
  });

  test.each(['500-after', 'drop-after'] as const)(
    '%s leaves exactly one, and the next attempt meets it',
    async (kind) => {
      fixture.arm(kind, '/promote/');
      expect(await typeOf(promote())).toBe('UnknownOutcome');
      expect(await moved()).toEqual([['promote'], true]);
      expect(await promote()).toBe('conflict');
      expect(fixture.effects()).toEqual(['promote', 'live']);
    },
  );

  test('slow answers late and truly', async () => {
    fixture.arm('slow', '/promote/');
    expect(await promote()).toBe('accepted');
    expect(await moved()).toEqual([['promote'], true]);
  });

  test('slower than we wait: the outcome is unknown, and it happens', async () => {
    fixture.arm('hold', '/promote/');
    const hasty = fixture.clientOf({ timeoutMs: 50 });
    expect(await typeOf(hasty.promote({ ...fixture.where, id }))).toBe('UnknownOutcome');
    expect(await moved()).toEqual([['promote'], true]);
  });

  test('lying-status acknowledges it and loses it', async () => {
    fixture.arm('lying-status', '/promote/');
    expect(await promote()).toBe('accepted');
    expect(await moved()).toEqual([[], false]);
    expect((await fixture.client.project(project)).lastMove).toBeNull();
  });
});

describe('every act', () => {
  type Act = [name: string, match: string, act: () => Promise<unknown>];
  const acts: Act[] = [
    [
      'createDeployment',
      'POST /v13/deployments',
      () =>
        fixture.client.createDeployment({
          ...fixture.where,
          releaseId: 'r',
          from: { deployment: id },
        }),
    ],
    ['updateProject', 'PATCH /v9', () => fixture.client.setAutoAssign(project, true)],
    [
      'assignAlias',
      '/aliases',
      () => {
        const domain = fixture.vercel.origins(project)[0]?.slice('http://'.length) ?? '';
        return fixture.client.assignAlias({ project, id, domain });
      },
    ],
    [
      'rollback',
      '/rollback/',
      async () => {
        const { client, where, live } = fixture;
        return await client.rollback({ ...where, id: live, note: 'back' });
      },
    ],
  ];

  test.each(acts)('%s: a lie is no effect, a lost answer is one', async (name, match, act) => {
    if (name === 'rollback') {
      await promote();
      await fixture.moved();
      fixture.board.effects.length = 0;
    }
    fixture.arm('lying-status', match);
    await act();
    expect(fixture.effects()).toEqual([]);
    fixture.arm('500-after', match);
    expect(await typeOf(act())).toBe('UnknownOutcome');
    expect(fixture.effects().filter((effect) => effect === name)).toEqual([name]);
  });

  test('cancel: a lie is no effect, a lost answer is one', async () => {
    fixture.vercel.hold(project, 'builds');
    const { id: building } = await fixture.push(samples.good(3));
    fixture.board.effects.length = 0;
    const cancel = () => fixture.client.cancel({ project, id: building });
    fixture.arm('lying-status', '/cancel');
    await cancel();
    expect(fixture.effects()).toEqual([]);
    fixture.arm('drop-after', '/cancel');
    expect(await typeOf(cancel())).toBe('UnknownOutcome');
    expect(fixture.effects()).toEqual(['cancel']);
  });
});

describe('the lies of reads', () => {
  test('a project is shown as it was before', async () => {
    await promote();
    await fixture.moved();
    fixture.arm('lying-status', 'GET /v9/projects');
    const shown = await fixture.client.project(project);
    expect([shown.live?.id, shown.lastMove]).toEqual([fixture.live, null]);
    expect((await fixture.client.project(project)).live?.id).toBe(id);
  });

  test('a list misses the newest, a finished build is said to go on', async () => {
    const { client, where, arm } = fixture;
    arm('lying-status', 'GET /v7');
    expect((await client.deployments(where)).map((one) => one.id)).toEqual([fixture.live]);
    expect(await client.deployments(where)).toHaveLength(2);
    arm('lying-status', 'GET /v13');
    expect((await client.deployment({ project, id }))?.state).toBe('BUILDING');
  });

  test('names of variables, aliases and moves are missing', async () => {
    const { client, where, arm } = fixture;
    arm('lying-status', '/env');
    expect(await client.variables(project)).toEqual([]);
    arm('lying-status', 'GET /v2');
    expect(await client.aliasesOf({ project, id: fixture.live })).toEqual([]);
    arm('lying-status', 'GET /v4');
    const domain = fixture.vercel.origins(project)[0]?.slice('http://'.length) ?? '';
    expect(await client.pointsAt({ ...where, domain })).toBeNull();
    expect(await client.pointsAt({ ...where, domain })).toBe(fixture.live);
  });
});
