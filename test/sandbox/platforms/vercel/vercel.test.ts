import { afterEach, describe, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { bypass, project, vercelFixture } from './vercel-fixture.ts';
import type { VercelFixture } from './vercel-fixture.ts';

let fixture: VercelFixture;
afterEach(() => fixture.close());

const start = async (options: Parameters<typeof vercelFixture>[0] = {}) => {
  fixture = await vercelFixture(options);
  return fixture;
};
const get = async (url: string, headers: Record<string, string> = {}) => {
  const answer = await fetch(url, { headers, redirect: 'manual' });
  return { status: answer.status, body: await answer.text(), headers: answer.headers };
};
const production = () => fixture.vercel.origins(project)[0] ?? '';
const originOf = async (id: string) => (await fixture.client.deployment({ project, id }))!.origin;
const servedSha = async () =>
  (JSON.parse((await get(`${production()}/version`)).body) as { sha: string }).sha;
const withBypass = { 'x-vercel-protection-bypass': bypass };

describe('a push', () => {
  test('is queued, built, and waits staged where domains are not assigned by themselves', async () => {
    const { vercel, push, client, ended, until } = await start();
    vercel.hold(project, 'builds');
    const { id, sha } = await push(samples.good(2));
    const read = async () => (await client.deployment({ project, id }))!;
    expect(await read()).toMatchObject({ state: 'QUEUED', substate: null, built: sha });
    vercel.letGo(project, 'builds');
    expect((await until(read, ({ state }) => state !== 'QUEUED')).state).not.toBe('QUEUED');
    expect(await ended(id)).toMatchObject({ state: 'READY', substate: 'STAGED', aliased: false });
    expect(await servedSha()).toBe(fixture.first);
    expect((await get(`${await originOf(id)}/version`, withBypass)).body).toContain(sha);
  });

  test('goes live by itself where they are', async () => {
    const { push, ended } = await start({ project: { autoAssign: true } });
    const { id, sha } = await push(samples.good(2));
    expect(await ended(id)).toMatchObject({ state: 'READY', substate: 'PROMOTED', aliased: true });
    expect(await servedSha()).toBe(sha);
  });

  test('to another branch is a preview, and one that deletes a branch nothing', async () => {
    const { push, ended, vercel } = await start();
    const { id } = await push(samples.good(2), 'feature');
    expect(await ended(id)).toMatchObject({ production: false, substate: null });
    const gone = { repository: 'acme/barber-crm', from: 'f'.repeat(40), to: '0'.repeat(40) };
    vercel.onPush({ ...gone, ref: 'refs/heads/feature' });
    expect((await vercel.truth())[0]?.deployments).toHaveLength(2);
  });

  test('whose build fails ends in ERROR, with its own words', async () => {
    const { push, ended, client } = await start();
    const build = 'echo checking; echo "src/a.ts(1,1): error TS2304" >&2; exit 3';
    const { id } = await push({ 'package.json': JSON.stringify({ scripts: { build } }) });
    expect(await ended(id)).toMatchObject({
      state: 'ERROR',
      problem: 'BUILD_UTILS_SPAWN_1: Command "npm run build" exited with 3',
    });
    expect(await client.failingLines({ project, id })).toEqual([
      'src/a.ts(1,1): error TS2304',
      'Error: Command "npm run build" exited with 3',
    ]);
  });

  test('of somebody without a seat is blocked until a person lets it go', async () => {
    const { vercel, push, client, ended } = await start();
    vercel.blockNextBuild(project);
    const { id } = await push(samples.good(2));
    expect((await client.deployment({ project, id }))?.state).toBe('BLOCKED');
    await vercel.unblock(project, id);
    expect((await ended(id)).state).toBe('READY');
  });

  test('can be cancelled while it builds, and only then', async () => {
    const { push, client, until } = await start();
    const build = 'echo started; sleep 60';
    const { id } = await push({ 'package.json': JSON.stringify({ scripts: { build } }) });
    const started = () => client.failingLines({ project, id });
    await until(started, (lines) => lines.includes('started'));
    await client.cancel({ project, id });
    expect((await client.deployment({ project, id }))?.state).toBe('CANCELED');
    await expect(client.cancel({ project, id })).rejects.toThrow(/not building/);
  });

  test('of the same commit again is another deployment', async () => {
    const { push, client, where, ended, first, live } = await start();
    const { id } = await push(samples.good(2));
    await ended(id);
    const again = { ...where, releaseId: 'release-7', from: { deployment: live } };
    const redeployed = await client.createDeployment(again);
    await ended(redeployed);
    const of = await client.deployments({ ...where, sha: first, target: 'production' });
    expect(of.map(({ id: one, releaseId }) => [one, releaseId])).toEqual([
      [redeployed, 'release-7'],
      [live, null],
    ]);
  });
});

describe('a redeploy', () => {
  test('takes the variables of its own time; the old build keeps its old ones', async () => {
    const { vercel, client, where, ended, moved, live } = await start({
      project: { variables: [{ key: 'GREETING', value: 'old', target: ['production'] }] },
    });
    vercel.setVariable(project, 'GREETING', 'new');
    const files = { ...samples.good(2), 'server.mjs': greeter };
    const { id } = await fixture.push(files);
    await ended(id);
    vercel.setVariable(project, 'GREETING', 'newest');
    const again = { ...where, releaseId: 'r', from: { deployment: id } };
    const redeployed = await client.createDeployment(again);
    await ended(redeployed);
    const said = async (one: string) => (await get(await originOf(one), withBypass)).body;
    expect([await said(id), await said(redeployed)]).toEqual(['new', 'newest']);
    await client.promote({ ...where, id });
    await moved();
    await client.rollback({ ...where, id: live, note: 'back' });
    await moved();
    expect(await servedSha()).toBe(fixture.first);
  });
});

describe('a promote', () => {
  test('is a job: pending, in progress, then all domains at once, and the pin is gone', async () => {
    const { vercel, client, where, push, ended, moved, live } = await start({
      project: { domains: 2 },
    });
    const { id, sha } = await push(samples.good(2));
    await ended(id);
    vercel.hold(project, 'jobs');
    expect(await client.promote({ ...where, id })).toBe('accepted');
    const before = await client.project(project);
    expect(before.lastMove).toMatchObject({ from: live, to: id, status: 'pending' });
    expect([before.live?.id, await servedSha()]).toEqual([live, fixture.first]);
    expect(await client.aliasMoves({ ...where, of: 'promote' })).toHaveLength(2);
    vercel.letGo(project, 'jobs');
    expect(await moved()).toMatchObject({
      live: { id },
      lastMove: { status: 'succeeded', type: 'promote' },
      assignsDomains: true,
    });
    const versions = vercel.origins(project).map(async (origin) => get(`${origin}/version`));
    for (const { body } of await Promise.all(versions)) expect(body).toContain(sha);
  });

  test('conflicts while another job runs, and when it is live already', async () => {
    const { vercel, client, where, push, ended, moved, live } = await start();
    const { id } = await push(samples.good(2));
    await ended(id);
    expect(await client.promote({ ...where, id: live })).toBe('conflict');
    vercel.hold(project, 'jobs');
    await client.promote({ ...where, id });
    expect(await client.promote({ ...where, id })).toBe('conflict');
    expect(await client.rollback({ ...where, id: live, note: '' })).toBe('conflict');
    vercel.letGo(project, 'jobs');
    await moved();
    expect(await client.promote({ ...where, id })).toBe('conflict');
    expect(fixture.effects()).toEqual(['build', 'promote', 'live']);
  });

  test('that fails leaves everything, one that fails in part leaves both', async () => {
    const { vercel, client, where, push, ended, moved, live } = await start({
      project: { domains: 2 },
    });
    const { id, sha } = await push(samples.good(2));
    await ended(id);
    vercel.failNextMove(project, 'fails');
    await client.promote({ ...where, id });
    expect(await moved()).toMatchObject({ live: { id: live }, lastMove: { status: 'failed' } });
    expect(await servedSha()).toBe(fixture.first);
    vercel.failNextMove(project, 'fails-in-part');
    await client.promote({ ...where, id });
    expect(await moved()).toMatchObject({ live: { id: live }, lastMove: { status: 'failed' } });
    const moves = await client.aliasMoves({ ...where, of: 'promote' });
    expect(moves.map(({ status }) => status)).toEqual(['completed', 'failed']);
    const [one = '', other = ''] = vercel.origins(project);
    expect((await get(`${one}/version`)).body).toContain(sha);
    expect((await get(`${other}/version`)).body).toContain(fixture.first);
  });

  test('of a preview, or of a build that failed, is refused', async () => {
    const { client, where, push, ended } = await start();
    const { id } = await push(samples.good(2), 'feature');
    await ended(id);
    await expect(client.promote({ ...where, id })).rejects.toThrow(/Only a production deployment/);
    const bad = await push({ 'package.json': '{"scripts":{"build":"exit 1"}}' });
    await ended(bad.id);
    await expect(client.promote({ ...where, id: bad.id })).rejects.toThrow(/not ready/);
  });
});

describe('a rollback', () => {
  const promoted = async (n: number) => {
    const { id, sha } = await fixture.push(samples.good(n));
    await fixture.ended(id);
    await fixture.client.promote({ ...fixture.where, id });
    await fixture.moved();
    return { id, sha };
  };

  test('goes back, pins, and the next push waits although domains were assigned', async () => {
    const { client, where, moved, live } = await start();
    await promoted(2);
    expect(await client.rollback({ ...where, id: live, note: 'deploy 7' })).toBe('accepted');
    expect(await moved()).toMatchObject({
      live: { id: live },
      lastMove: { type: 'rollback', status: 'succeeded', to: live },
      assignsDomains: false,
      rollbackNote: 'deploy 7',
    });
    expect(await servedSha()).toBe(fixture.first);
    const next = await fixture.push(samples.good(3));
    expect(await fixture.ended(next.id)).toMatchObject({ substate: 'STAGED' });
    expect(await servedSha()).toBe(fixture.first);
  });

  test('on Hobby goes one back only; promoting the recorded one still works', async () => {
    const { client, where, moved, live } = await start({ plan: 'hobby' });
    const second = await promoted(2);
    await promoted(3);
    const candidates = await client.deployments({ ...where, rollbackCandidate: true });
    expect(candidates.map(({ id }) => id)).toEqual([second.id]);
    expect(await client.rollback({ ...where, id: live, note: '' })).toBe('not-on-plan');
    expect(await client.promote({ ...where, id: live })).toBe('accepted');
    await moved();
    expect(await servedSha()).toBe(fixture.first);
  });

  test('on Pro goes to anything that was live, and to nothing else', async () => {
    const { client, where, live, push, ended } = await start();
    const second = await promoted(2);
    await promoted(3);
    // The promote has turned auto-assign on. With auto-assign, the next build would go live
    // automatically.
    await client.setAutoAssign(project, false);
    const staged = await push(samples.good(4));
    await ended(staged.id);
    const candidates = await client.deployments({ ...where, rollbackCandidate: true });
    expect(candidates.map(({ id }) => id)).toEqual([second.id, live]);
    const call = client.rollback({ ...where, id: staged.id, note: '' });
    await expect(call).rejects.toThrow(/never was in production/);
  });
});

const greeter = `import { createServer } from 'node:http';
createServer((_, response) => response.end(process.env.GREETING)).listen(Number(process.env.PORT), '127.0.0.1');
`;
