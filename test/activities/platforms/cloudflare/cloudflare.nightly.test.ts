import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { secretsLocked } from '../../../../domain/platforms/cloudflare/steps.ts';
import { workers } from '../../../../sandbox/samples/workers.ts';
import { cloudflarePlace, host, name, smoke, timing } from './place.ts';
import type { CloudflarePlace } from './place.ts';
import { failureOf } from './fixture.ts';

const [first, second, sick, broken, crons] = [0, 1, 2, 3, 4];
let at: CloudflarePlace;
beforeAll(async () => {
  at = await cloudflarePlace([
    workers.good(name, 1),
    workers.good(name, 2),
    workers.throwsOnLogin(name),
    workers.doesNotBuild(name),
    workers.scheduled(name),
  ]);
});
afterEach(() => {
  at.board.clear();
  at.board.effects.length = 0;
});
afterAll(() => at.close());

const short = (n: number) => at.shaOf(n).slice(0, 7);
const back = (n: number, id?: string) => ({
  ...at.stepOf(n),
  release: { ...at.stepOf(n).release, ...(id === undefined ? {} : { platformId: id }) },
  timing,
});
let old = '';
let next = '';
let bad = '';

describe('a worker', () => {
  test('is deployed at once, under the commit as its tag and the deploy as its message', async () => {
    old = await at.deployed(first);
    const message = `Plimsoll d-0 ${at.shaOf(first).slice(0, 12)}-00000000`;
    expect(at.truth()?.live).toEqual([{ id: old, percentage: 100, tag: at.shaOf(first), message }]);
    await at.do.proveWorker({ ...at.stepOf(first), id: old, timing });
  });

  test('that is deployed again gets a version of its own', async () => {
    const again = await at.deployed(first, 'd-again');
    expect(again).not.toBe(old);
    old = again;
  });

  test('is not touched by a release that does not build, and says so', async () => {
    const step = { ...at.stepOf(broken), expected: old };
    const done = await at.do.deployWorker(step);
    expect(done).toEqual({
      untouched: expect.stringMatching(
        /^wrangler could not bundle the worker. Its last lines:\n[^]*Could not resolve "\.\/missing\.js"/,
      ),
    });
    expect(at.effects()).toEqual([]);
  });

  test('is called untouched only while it serves what it served', async () => {
    const nowhere = at.stepOf(second, 'd-nowhere', { directory: 'nowhere' });
    const sentence = `The commit ${at.shaOf(second).slice(0, 12)} has no directory "nowhere".`;
    expect(await at.do.deployWorker({ ...nowhere, expected: old })).toEqual({
      untouched: expect.stringContaining(sentence),
    });
    const failure = await failureOf(at.do.deployWorker({ ...nowhere, expected: 'another' }));
    expect(failure).toMatchObject({ type: 'Misconfigured', nonRetryable: true });
  });
});

describe('a gradual release', () => {
  const step = () => ({ ...at.stepOf(second), id: next, other: old });

  test('is uploaded for nobody, tried at its own address, and given a part, then all', async () => {
    next = (await at.do.uploadVersion(at.stepOf(second))).id;
    expect(at.live()).toEqual([[old, 100]]);
    expect(await at.do.smokeVersion({ ...step(), smoke, timing })).toEqual({ asked: 4 });
    expect(await at.do.shareTraffic({ ...step(), percentage: 10 })).toEqual({ shared: 'done' });
    expect(at.live()).toEqual([
      [next, 10],
      [old, 90],
    ]);
    expect((await at.do.holdShare({ ...step(), smoke, timing })).asked).toBeGreaterThan(0);
    expect(await at.do.shareTraffic({ ...step(), percentage: 100 })).toEqual({ shared: 'done' });
    expect(await at.do.shareTraffic({ ...step(), percentage: 100 })).toEqual({ shared: 'already' });
    expect(at.live()).toEqual([[next, 100]]);
    await at.do.proveWorker({ ...step(), timing });
  });

  test('that fails at its own address got no traffic', async () => {
    const { id } = await at.do.uploadVersion(at.stepOf(sick));
    bad = id;
    const asked = { ...at.stepOf(sick), id, smoke, timing };
    const failure = await failureOf(at.do.smokeVersion(asked));
    const origin = at.target.preview?.replace('{version}', id.slice(0, 8));
    expect(failure).toMatchObject({ type: 'UnhealthyRelease', nonRetryable: true });
    expect(failure.message.replaceAll(/\d+ ms/g, 'N ms')).toBe(
      `${host}: ${short(sick)} is not healthy at its own address, so it got no traffic:\n` +
        `- auth: ${origin}/login: 500 in N ms, twice\n` +
        'The release is not live. Fix the problem and deploy the new commit.\n' +
        `Note: ${secretsLocked(name)}.`,
    );
  });

  test('of another commit than its address says is not taken for it', async () => {
    const asked = { ...at.stepOf(first), id: next, smoke, timing };
    expect((await failureOf(at.do.smokeVersion(asked))).message).toContain(
      `/version: does not name ${short(first)}`,
    );
  });

  test('sets the schedules that no version carries', async () => {
    await at.do.setTriggers({ ...at.stepOf(crons), id: next });
    expect(at.effects()).toContain('put schedules');
  });
});

describe('what is served', () => {
  test('must be what was planned for', async () => {
    await at.do.checkServed({ ...at.stepOf(first), expected: next });
    const failure = await failureOf(at.do.checkServed({ ...at.stepOf(first), expected: old }));
    expect(failure).toMatchObject({ type: 'RejectedByPlatform', nonRetryable: true });
    expect(failure.message).toBe(
      `${host}: somebody made ${next} live since this deploy was planned (before: ${old}).\n` +
        'Nothing was deployed. Deploy again: the new plan can roll back to the version that is live now.',
    );
  });

  test('must not be shared by two versions', async () => {
    const step = { ...at.stepOf(sick), id: bad, other: next };
    await at.do.shareTraffic({ ...step, percentage: 10 });
    const failure = await failureOf(at.do.checkServed({ ...step, expected: next }));
    expect(failure.message).toBe(
      `${host}: somebody split the traffic since this deploy was planned (${next} 90 %, ${bad} 10 %).\n` +
        `Nothing was deployed. Give one version all traffic first: npx wrangler versions deploy ${next}@100 --name ${name} --yes`,
    );
  });

  test('is asked of the version that has a part, whoever is sent to the other', async () => {
    const step = { ...at.stepOf(sick), id: bad, other: next, smoke, timing };
    const failure = await failureOf(at.do.holdShare(step));
    expect(failure).toMatchObject({ type: 'UnhealthyRelease', nonRetryable: true });
    expect(failure.message.replaceAll(/\d+ ms/g, 'N ms')).toBe(
      `${host}: ${short(sick)} fails with 10 % of the traffic, but the previous version does not:\n` +
        `- auth: ${at.target.url}/login: 500 in N ms, twice`,
    );
  });

  test('does not blame the release for what fails in both', async () => {
    const step = { ...at.stepOf(sick), id: bad, other: bad, smoke, timing };
    const failure = await failureOf(at.do.holdShare(step));
    expect(failure).toMatchObject({ type: 'Unavailable', nonRetryable: false });
    expect(failure.message.replaceAll(/\d+ ms/g, 'N ms')).toBe(
      `${host}: ${short(sick)} has 10 % of the traffic and fails in the same way as the previous version: ` +
        `auth: ${at.target.url}/login: 500 in N ms, twice. This is an external outage: retry when it is over.`,
    );
  });

  test('is not proven while another version has a share', async () => {
    const failure = await failureOf(at.do.proveWorker({ ...at.stepOf(second), id: next, timing }));
    expect(failure).toMatchObject({ type: 'UnhealthyRelease' });
    expect(failure.message).toContain(
      `- ${at.target.url}/health is not healthy, or not all the traffic goes to ${next}`,
    );
  });
});

describe('the rollback', () => {
  test('is the recorded version, proven, and done once', async () => {
    const state = await at.do.rollBackWorker(back(first, old));
    expect(state).toMatchObject({ host, id: old, sha: at.shaOf(first), healthy: true });
    expect(at.effects()).toEqual(['createDeployment']);
  });

  test('recorded before its id was is the newest version of the commit that served', async () => {
    expect(await at.do.rollBackWorker(back(first))).toMatchObject({ id: old });
    expect(at.effects()).toEqual([]);
    expect((await failureOf(at.do.rollBackWorker(back(sick)))).message).toBe(
      `${host}: Cloudflare has no version of ${short(sick)} that ever had all traffic.\n` +
        `Choose a version from this list: npx wrangler versions list --name ${name}\n` +
        `Make that version live: npx wrangler rollback ID --name ${name}`,
    );
  });

  /**
   * The input for a rollback to the first release. The second release is live, but Cloudflare's
   * list does not show the second release yet.
   */
  const staleBack = async () => {
    await at.deployed(second, 'd-stale');
    at.board.effects.length = 0;
    const lists = `GET /client/v4/accounts/${at.target.account}/workers/scripts/${name}/deployments`;
    at.arm(lists, 'lying-status', 9);
    return { ...back(first, old), deploy: at.stepOf(second).deploy };
  };

  test('is done although a stale list says that it is done already', async () => {
    const step = await staleBack();
    const failure = await failureOf(at.do.rollBackWorker(step));
    expect(failure).toMatchObject({ type: 'UnknownOutcome', nonRetryable: false });
    expect(at.live()).toEqual([[old, 100]]);
    at.board.clear();
    expect(await at.do.rollBackWorker(step)).toMatchObject({ id: old, healthy: true });
    expect(at.effects()).toEqual(['createDeployment']);
  });

  test('is not proven while production names the release that is rolled back, whatever Cloudflare says', async () => {
    const step = await staleBack();
    const posts = `POST /client/v4/accounts/${at.target.account}/workers/scripts/${name}/deployments`;
    at.arm(posts, 'lying-status');
    const failure = await failureOf(at.do.rollBackWorker(step));
    expect(failure).toMatchObject({ type: 'UnhealthyRelease', nonRetryable: true });
    expect(failure.message).toBe(
      `${host}: the rollback target ${short(first)} was deployed, but production does not serve it or is not healthy:\n` +
        `- version: ${at.target.url}/version: still names ${short(second)}`,
    );
    expect(at.effects()).toEqual([]);
  });
});
