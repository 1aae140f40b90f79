import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { unbuildable } from '../../../../sandbox/platforms/northflank/samples.ts';
import { allPermissions } from '../../../../sandbox/platforms/northflank/permissions.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { northflankPlace, run, failureText } from './place.ts';
import type { NorthflankPlace } from './place.ts';

let place: NorthflankPlace;
let [old, good, other, broken] = ['', '', '', ''];
beforeAll(async () => {
  const trees = [
    samples.good(1),
    samples.good(2),
    samples.good(3),
    unbuildable(samples.good(4), ['npm ci', 'GATEWAY_TOKEN=sk_live_123 is not used', 'No match']),
  ];
  place = await northflankPlace({ trees });
  [old = '', good = '', other = '', broken = ''] = place.shas;
});
afterAll(() => place.close());
afterEach(() => {
  place.board.clear();
  place.board.effects.length = 0;
});

type Asked = { again?: boolean; pushed?: boolean; known?: string[] };
const adopt = async (sha: string, { again = false, pushed = false, known }: Asked = {}) => {
  const on = place.step(sha);
  const before = known ?? (await run(place.do.readBuilds, on)).known;
  const asked = { ...on, known: before, again, pushed, branch: 'main' };
  return (await run(place.do.adoptBuild, asked)).buildId;
};
const buildsOf = (sha: string) => place.truth().builds.filter((build) => build.sha === sha);

describe('a build is adopted', () => {
  test('that CI began of a push a moment later, and none is started', async () => {
    const adopting = adopt(other, { pushed: true });
    setTimeout(() => place.push(other), 100);
    const id = await adopting;
    expect(buildsOf(other).map((build) => build.id)).toEqual([id]);
    expect(place.effects()).toEqual([]);
  });

  test('that succeeded before, whatever its age', async () => {
    const id = await adopt(other);
    await run(place.do.awaitBuild, { ...place.step(other), buildId: id });
    expect(await adopt(other)).toBe(id);
    expect(place.effects()).toEqual([]);
  });
});

describe('a build is started', () => {
  test('once, where CI began none within the grace period', async () => {
    const id = await adopt(good, { pushed: true });
    expect(buildsOf(good).map((build) => build.id)).toEqual([id]);
    expect(place.effects()).toEqual(['startBuild']);
    await run(place.do.awaitBuild, { ...place.step(good), buildId: id });
  });

  test('anew for a commit that is live: its settings may have changed', async () => {
    const id = await adopt(old, { again: true });
    expect(id).not.toBe(place.live);
    expect(buildsOf(old).map((build) => build.id)).toEqual([place.live, id]);
    await run(place.do.awaitBuild, { ...place.step(old), buildId: id });
  });

  test.each(['500-after', 'drop-after'] as const)(
    'not twice where %s told nothing of it',
    async (kind) => {
      const { known } = await run(place.do.readBuilds, place.step(old));
      place.arm(kind, 'POST');
      const id = await adopt(old, { again: true, known });
      expect(known).not.toContain(id);
      expect(place.effects()).toEqual(['startBuild']);
    },
  );

  test('never by an order that was taken and lost', async () => {
    place.arm('lying-status', 'POST');
    expect(await failureText(adopt(old, { again: true }))).toEqual({
      type: 'Unavailable',
      final: false,
      lines: [`Northflank accepted the order to build ${old.slice(0, 7)}, but started no build.`],
    });
    expect(place.effects()).toEqual([]);
  });

  test('for a commit whose earlier build failed: that one says nothing of now', async () => {
    const first = await adopt(broken);
    await expect(
      run(place.do.awaitBuild, { ...place.step(broken), buildId: first }),
    ).rejects.toMatchObject({ type: 'UnhealthyRelease' });
    const second = await adopt(broken);
    expect(second).not.toBe(first);
    expect(place.effects()).toEqual(['startBuild', 'startBuild']);
  });
});

describe('a build is awaited', () => {
  test('and its failure is reported with the last lines of its log, without a secret', async () => {
    const id = await adopt(broken);
    expect(
      await failureText(run(place.do.awaitBuild, { ...place.step(broken), buildId: id })),
    ).toEqual({
      type: 'UnhealthyRelease',
      final: true,
      lines: [
        `northflank gateway: build ${id} of ${broken.slice(0, 7)} ended with FAILURE: The build script exited with code 1.`,
        'The live release was not touched. Fix the commit. Or deploy the same commit again, which builds it again.',
        'The last lines of the log:',
        'Cloning acme/openclaw-gateway at …',
        'Detecting buildpacks',
        'npm ci',
        'GATEWAY_TOKEN=… is not used',
        'No match',
        'See more: "Builds" of openclaw/gateway at Northflank',
      ],
    });
  });

  test('and its failure is reported where its log may not be read, with the reason', async () => {
    const id = await adopt(broken);
    place.northflank.rule({ role: allPermissions('0.9').filter((one) => !one.endsWith('Logs')) });
    const told = await failureText(
      run(place.do.awaitBuild, { ...place.step(broken), buildId: id }),
    );
    place.northflank.rule({ role: allPermissions('0.9') });
    expect(told).toMatchObject({ type: 'UnhealthyRelease', final: true });
    expect((told as { lines: string[] }).lines[2]).toBe(
      `The log could not be read: Northflank refused the request for the log of build ${id} of openclaw/gateway, because the token in NORTHFLANK_TOKEN has no permission (401).`,
    );
  });

  test('until build and list agree: one lying answer is not a success', async () => {
    place.northflank.set('gateway', { stepMs: 100 });
    const id = await adopt(old, { again: true });
    place.arm('lying-status', `GET /v1/projects/openclaw/services/gateway/build/${id}`);
    await run(place.do.awaitBuild, { ...place.step(old), buildId: id });
    expect(buildsOf(old).at(-1)).toMatchObject({ id, status: 'SUCCESS' });
    place.northflank.set('gateway', { stepMs: 20 });
  });

  test('not for ever: a person is asked about one that hangs', async () => {
    place.northflank.set('gateway', { nextBuild: 'UNSCHEDULABLE' });
    const id = await adopt(old, { again: true });
    const timing = { ...place.step(old).timing, scale: 36_000 };
    expect(
      await failureText(run(place.do.awaitBuild, { ...place.step(old), timing, buildId: id })),
    ).toEqual({
      type: 'Unavailable',
      final: false,
      lines: [
        expect.stringMatching(
          new RegExp(`^northflank gateway: build ${id} is [A-Z]+ and did not end in 0 min\\. `),
        ),
      ],
    });
  });
});

describe('before anything is touched it is refused', () => {
  test('F18: where CD was switched on since the gates were checked', async () => {
    place.northflank.set('gateway', { disabledCD: false });
    const failure = await failureText(run(place.do.readBuilds, place.step(good)));
    place.northflank.set('gateway', { disabledCD: true });
    expect(failure).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      lines: [
        'northflank gateway has CD on, so Northflank automatically deploys unapproved merges. ' +
          'Switch CD off on the page of openclaw/gateway, then deploy again.',
        'Nothing was touched.',
      ],
    });
  });

  test('F15: where somebody deployed another build since the plan', async () => {
    const step = place.step(good, { live: 'brave-lamp-1' });
    expect(await failureText(run(place.do.readBuilds, step))).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      lines: [
        `Somebody deployed build ${place.live} to northflank gateway since this deploy was planned (before: brave-lamp-1).`,
        'Nothing was touched. Find out at Northflank who did this and why, then deploy again.',
      ],
    });
  });
});
