import { describe, expect, test } from 'vitest';
import { createBridge } from '../../../../worker/doors/slack/bridge.ts';
import type { BridgeDeps } from '../../../../worker/doors/slack/bridge.ts';
import { readClick } from '../../../../worker/doors/slack/read-click.ts';
import { secondsAgo, stage, wordsOf } from '../../../support/click-attack.ts';
import { clickAttacks } from '../../../support/click-attacks.ts';
import { attempt, team, waiting } from './click-place.ts';
import { clickable } from './door-fixture.ts';

describe('a click of an approver', () => {
  test('counts, is recorded with its evidence, and needs no answer: the message shows it', async () => {
    const { press, told, recorded } = await waiting();
    expect(await press()).toEqual({ did: 'counted', text: null });
    expect(told).toEqual([]);
    expect(await recorded()).toMatchObject([
      {
        verdict: 'counted',
        approver: 'robin',
        why: 'robin says yes (a click at Slack)',
        via: 'slack',
      },
    ]);
  });

  test('rejects as well', async () => {
    const { press, rulings } = await waiting();
    expect(await press({ button: 'Reject' })).toMatchObject({ did: 'counted' });
    expect(rulings).toMatchObject([{ decision: 'reject', why: 'robin says no' }]);
  });

  test('is refused where Plimsoll cannot continue the deploy', async () => {
    const { press, rulings } = await waiting({ asked: { failing: true } });
    expect(await press()).toEqual({
      did: 'refused',
      text:
        'This click does not count. Plimsoll cannot continue the deploy of gateway production, ' +
        'so it would not process the click. Nothing changed.\n' +
        'End the deploy and finish its rollback: plimsoll recover gateway production',
    });
    expect(rulings).toEqual([]);
  });

  test('is kept where no worker rules on it yet, and says so', async () => {
    const { press, deps } = await waiting();
    const silent = createBridge({
      ...deps,
      deploys: { ...deps.deploys, ruling: async () => null },
    });
    expect(await press({}, silent)).toEqual({
      did: 'stored',
      text:
        'Temporal has stored this click, but no worker has processed it yet. The click counts ' +
        'when a worker runs again.\n' +
        'See the ruling: plimsoll status gateway production',
    });
  });

  test('is not lost when the server does not answer: the person who clicked is notified, and clicks again', async () => {
    const { press, deps, told, warned } = await waiting();
    let away = true;
    const asked: BridgeDeps['deploys']['asked'] = async (place) => {
      if (away) throw new Error('14 UNAVAILABLE');
      return await deps.deploys.asked(place);
    };
    const shaky = createBridge({ ...deps, deploys: { ...deps.deploys, asked } });
    const actionTs = secondsAgo(0);
    expect(await press({ actionTs }, shaky)).toMatchObject({ did: 'failed' });
    expect(warned).toEqual(['A click at Slack was not accepted: 14 UNAVAILABLE']);
    expect(told).toEqual([
      'U0ROBIN: This click was not accepted, because the worker cannot reach a service that it ' +
        'needs. The log of the worker names the service. Nothing changed.\n' +
        'Click again, or sign the decision by key with: plimsoll approve gateway production',
    ]);
    away = false;
    expect(await press({ actionTs }, shaky)).toMatchObject({ did: 'counted' });
  });
});

test('each forged click has its own reason, in the answer and in the ledger', () => {
  const there = clickable();
  const words = clickAttacks.map((attack) => wordsOf(attack, there));
  const own = words.map(({ told, recorded }) => recorded ?? told);
  expect(new Set(own).size).toBe(clickAttacks.length);
  const told = words.flatMap((one) => one.told ?? []);
  expect(new Set(told).size).toBe(told.length);
  expect(own.filter((text) => (text?.length ?? 0) > 300)).toEqual([]);
});

const did = { http: null, bridge: 'refused', judge: 'void' };
const atBridge = clickAttacks.filter(({ refusedBy }) => refusedBy !== 'http');
test.each(atBridge)('a click $name does not count, and is recorded once', async (attack) => {
  const sealed = clickable();
  const { asked, there, click } = stage(attack, sealed);
  const place = await waiting({ sealed, asked });
  const heard = await attempt(attack, place);
  const [row, ...before] = await place.recorded();
  const { told, recorded } = wordsOf(attack, there, row?.nonce);
  expect(heard).toEqual({ did: told ? did[attack.refusedBy] : 'counted', text: told });
  expect(place.told).toEqual(told ? [`${click.user}: ${told}`] : []);
  const { deployId } = sealed.plan;
  expect(row).toMatchObject({ deployId, verdict: 'void', why: recorded, via: 'slack' });
  expect(before.map(({ verdict }) => verdict)).toEqual(attack.before ? ['counted'] : []);
});

test('one click counts once, in whatever way it comes again', async () => {
  const { press, rulings, deps } = await waiting();
  const actionTs = secondsAgo(60);
  expect(await press({ actionTs })).toMatchObject({ did: 'counted' });
  expect(await press({ actionTs })).toEqual({
    did: 'repeated',
    text: 'This click was already received: it counts once. Nothing changed.',
  });
  expect(rulings).toHaveLength(1);
  // This bridge belongs to another worker and does not know the first click.
  const another = createBridge(deps);
  await press({ actionTs }, another);
  expect(rulings.map(({ verdict, why }) => `${verdict}: ${why}`)).toEqual([
    'counted: robin says yes (a click at Slack)',
    expect.stringMatching(
      /^void: it is a replay: the decision with nonce [0-9a-f]{8} was already judged/,
    ),
  ]);
});

test('what is no click on a button of ours is left alone', async () => {
  const { slack: at } = await waiting();
  const payload = at.payload({ user: 'U0ROBIN', button: 'Approve' });
  const [action] = payload?.actions ?? [];
  const pairs: unknown[] = [
    null,
    'approve',
    { ...payload, type: 'view_submission' },
    { ...payload, actions: [] },
    { ...payload, actions: [action, action] },
    { ...payload, actions: [{ ...action, action_id: 'plimsoll_keep' }] },
    { ...payload, user: { id: 'robin' } },
  ];
  expect(pairs.map((one) => readClick(one, team))).toEqual(pairs.map(() => null));
});

test('a member of another workspace in a shared channel is of that workspace', async () => {
  const { slack: at } = await waiting();
  const payload = at.payload({ user: 'U0ROBIN', button: 'Approve' });
  const shared = { ...payload, user: { id: 'U0ROBIN', team_id: 'T0GUEST' } };
  expect(readClick(shared, team)?.team).toBe('T0GUEST');
});
