import { workers } from '../../../../sandbox/samples/workers.ts';

import { releases } from './releases-fixture.ts';
import { failureOf, name } from './fixture.ts';

import { describe, expect, test } from 'vitest';

const [first, second] = [0, 1];
const at = releases([workers.good(name, 1), workers.good(name, 2)]);
const { ids, upload, deploy, split, back, live, whole, api } = at;

describe('a worker, one step after the other,', () => {
  test('is first deployed at once, under our key', async () => {
    const { versionId, uploaded } = await deploy(first);
    ids[first] = versionId;
    expect(uploaded).toBe('done');
    const { tag, message } = at.shop.key(first);
    expect(at.shop.truth()?.live).toEqual([{ id: versionId, percentage: 100, tag, message }]);
  });

  test('is not deployed twice for one key', async () => {
    expect(await deploy(first)).toMatchObject({ versionId: ids[first], uploaded: 'already' });
    expect(at.shop.effects()).not.toContain('createVersion');
  });

  test('gets a version that serves nobody, once', async () => {
    const { versionId, uploaded } = await upload(second);
    ids[second] = versionId;
    expect(uploaded).toBe('done');
    expect(live()).toEqual(whole(first));
    expect(await upload(second)).toEqual({ versionId, uploaded: 'already' });
    expect(at.shop.effects()).toEqual(['createVersion']);
  });

  test('serves two versions by their shares, then one', async () => {
    expect(
      await split([
        [second, 10],
        [first, 90],
      ]),
    ).toMatchObject({ deployed: 'done' });
    expect(live()).toEqual([
      [ids[second], 10],
      [ids[first], 90],
    ]);
    expect(
      await split([
        [first, 90],
        [second, 10],
      ]),
    ).toMatchObject({ deployed: 'already' });
    expect(await split([[second, 100]])).toMatchObject({ deployed: 'done' });
    expect(live()).toEqual(whole(second));
    expect(at.shop.effects()).toEqual(['createDeployment', 'createDeployment']);
  });

  test('rolls back to the recorded version, and stays there when called twice', async () => {
    expect(await back(first)).toMatchObject({ deployed: 'done' });
    expect(await back(first)).toMatchObject({ deployed: 'already' });
    expect(live()).toEqual(whole(first));
    expect(at.shop.effects()).toEqual(['createDeployment']);
  });
});

test('a deployment that was acknowledged and lost is no success', async () => {
  at.shop.arm(`POST ${api('/deployments')}`, 'lying-status');
  expect(await failureOf(back(second))).toMatchObject({
    type: 'UnknownOutcome',
    message:
      'wrangler reports success for the command to roll back, but Cloudflare does not show the result.',
  });
});

test('what somebody changed outside is not overwritten', async () => {
  const id = at.shop.cloudflare.edit(name, { by: 'api', vars: { TOGGLE: 'on' } });
  const failure = await failureOf(deploy(second));
  expect(failure).toMatchObject({ type: 'RejectedByPlatform', nonRetryable: true });
  const [why, remedy, head] = failure.message.split('\n');
  expect([why, remedy, head]).toEqual([
    `Somebody changed ${name} through Cloudflare's API. This release would overwrite the change, so ` +
      'wrangler refused to deploy the worker.',
    "Add the change to wrangler's configuration file and commit it. " +
      'Then deploy that commit once by hand: npx wrangler deploy --experimental-provision=false',
    'The last lines of wrangler:',
  ]);
  expect(failure.message).toContain('last updated via the script API');
  expect(live()).toEqual([[id, 100]]);
  // Somebody outside Plimsoll caused both effects. The deploy had no effect, although an earlier
  // attempt had created its version.
  expect(at.shop.effects()).toEqual(['createVersion', 'createDeployment']);
});
