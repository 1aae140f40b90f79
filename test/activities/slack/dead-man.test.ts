import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSlack } from '../../../activities/slack/slack.ts';
import type { SlackLedger } from '../../../activities/slack/memory.ts';
import type { DeadMansSwitchMessage } from '../../../domain/contract/activities.ts';
import { Board } from '../../../sandbox/board.ts';
import { startSlack } from '../../../sandbox/slack/slack.ts';
import type { Slack } from '../../../sandbox/slack/slack.ts';

const token = 'xoxb-test-token-1234567890';
/** An empty ledger, because the dead man's switch does not use the ledger. */
const forgetful = {} as SlackLedger;
let slack: Slack;
let board: Board;
beforeEach(async () => {
  board = new Board();
  slack = await startSlack({ board, token });
});
afterEach(async () => {
  await slack.close();
});

/** The Slack activities of a new worker, which has sent no message yet. */
const fresh = () =>
  createSlack({
    config: {
      slack: {
        api: slack.api,
        token: 'env:SLACK_TOKEN',
        deployments: '#deployments',
        incidents: '#incidents',
      },
      approvers: {},
    },
    secret: () => token,
    ledger: forgetful,
  });
const now = () => Math.floor(Date.now() / 1000);
const soon = now() + 1500;
const sign = (postAt: number, deployId = 'd-1'): DeadMansSwitchMessage => ({
  deploy: { deployId, project: 'shop', environment: 'production', sha: 'b'.repeat(40) },
  channel: '#incidents',
  text: 'shop production WENT SILENT <!here>',
  postAt,
});
const due = () => slack.scheduled().map(({ text, postAt }) => `${text} at ${postAt}`);
const text = 'shop production WENT SILENT &lt;!here&gt; (d-1)';

describe("the dead man's switch", () => {
  test('is moved on: the new message is scheduled before the old one is deleted', async () => {
    await fresh().setDeadMansSwitch(sign(soon));
    expect(due()).toEqual([`${text} at ${soon}`]);
    await fresh().setDeadMansSwitch(sign(soon + 600));
    expect(due()).toEqual([`${text} at ${soon + 600}`]);
    expect(board.effects.map(({ operation }) => operation)).toEqual([
      'chat.scheduleMessage',
      'chat.scheduleMessage',
      'chat.deleteScheduledMessage',
    ]);
  });

  test('is scheduled once, also when the answer is lost', async () => {
    board.arm({ service: 'slack', match: 'chat.scheduleMessage', kind: 'drop-after', times: 1 });
    await expect(fresh().setDeadMansSwitch(sign(soon))).rejects.toMatchObject({
      type: 'UnknownOutcome',
    });
    await fresh().setDeadMansSwitch(sign(soon));
    expect(due()).toEqual([`${text} at ${soon}`]);
  });

  test('of a late attempt deletes nothing newer', async () => {
    await fresh().setDeadMansSwitch(sign(soon + 600));
    await fresh().setDeadMansSwitch(sign(soon));
    expect(due()).toEqual([`${text} at ${soon + 600}`]);
  });

  test('is deleted alone, and only for its own deploy', async () => {
    await fresh().setDeadMansSwitch(sign(soon));
    await fresh().setDeadMansSwitch(sign(soon, 'd-2'));
    const { deploy, channel } = sign(soon);
    await fresh().clearDeadMansSwitch({ deploy, channel });
    await fresh().clearDeadMansSwitch({ deploy, channel });
    expect(slack.scheduled().map((one) => one.text.slice(-5))).toEqual(['(d-2)']);
  });

  test('that was posted meanwhile is no failure', async () => {
    await fresh().setDeadMansSwitch(sign(soon));
    const { deploy, channel } = sign(soon);
    const match = 'chat.deleteScheduledMessage';
    board.arm({ service: 'slack', match, kind: 'drop-after', times: 1 });
    await expect(fresh().clearDeadMansSwitch({ deploy, channel })).rejects.toMatchObject({
      type: 'UnknownOutcome',
    });
    expect(await fresh().clearDeadMansSwitch({ deploy, channel })).toBe(true);
  });

  test('for a time that has passed says that the next one follows', async () => {
    const late = now() - 5;
    await expect(fresh().setDeadMansSwitch(sign(late))).rejects.toMatchObject({
      type: 'Misconfigured',
      nonRetryable: true,
      message:
        'Slack refused the request for a scheduled message in #incidents (time_in_past): the time of the message has passed.\n' +
        "Nothing is lost while the deploy runs: Plimsoll soon schedules the message again, with a later time. If this text comes again, correct the clock of the worker's machine.",
    });
    expect(due()).toEqual([]);
  });

  test('goes into the next five minutes where Slack takes no more', async () => {
    const act = fresh();
    for (let deploy = 0; deploy < 31; deploy += 1)
      await act.setDeadMansSwitch(sign(soon, `d-${deploy}`));
    expect(due().slice(29)).toEqual([
      `${text.replace('d-1', 'd-29')} at ${soon}`,
      `${text.replace('d-1', 'd-30')} at ${soon + 300}`,
    ]);
    await act.setDeadMansSwitch(sign(soon + 60, 'd-30'));
    expect(due()).toHaveLength(31);
  });

  test('is tried again where twenty-five minutes are full', async () => {
    slack.refuse('chat.scheduleMessage', 'restricted_too_many', { times: 5 });
    await expect(fresh().setDeadMansSwitch(sign(soon))).rejects.toMatchObject({
      type: 'Unavailable',
      nonRetryable: false,
      message:
        'Slack refused the request for a scheduled message in #incidents (restricted_too_many): Slack takes at most 30 scheduled messages for 5 minutes of one channel.',
    });
  });

  test('is silent where Slack is not configured', async () => {
    const none = createSlack({
      config: { slack: undefined, approvers: {} },
      secret: () => '',
      ledger: forgetful,
    });
    expect(await none.setDeadMansSwitch(sign(soon))).toBe(false);
  });
});
