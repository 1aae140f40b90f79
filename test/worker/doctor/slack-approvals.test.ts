import { afterAll, beforeAll, expect, test } from 'vitest';
import { Config } from '../../../domain/config/config.ts';
import { Board } from '../../../sandbox/board.ts';
import { startSlack } from '../../../sandbox/slack/slack.ts';
import { slackApprovals } from '../../../worker/doctor/slack-approvals.ts';
import { makeKey } from '../../support/keys.ts';

let chat: Awaited<ReturnType<typeof startSlack>>;
const env = { BOT: 'xoxb-right', APP: 'xapp-right' };
const key = makeKey();
beforeAll(async () => {
  chat = await startSlack({ board: new Board(), token: env.BOT, appToken: env.APP });
});
afterAll(() => chat.close());

const configOf = (approvals: object = {}, api = chat.api) =>
  Config.parse({
    slack: {
      ...{ api, token: 'env:BOT' },
      approvals: {
        ...{ team: 'T0SANDBOX', key: key.path, publicKey: key.publicKey, appToken: 'env:APP' },
        ...approvals,
      },
    },
    approvers: { bob: { keys: [makeKey().publicKey], slack: 'U0BOB' } },
    projects: {},
  });
const look = (config = configOf(), given: Record<string, string> = env) =>
  Promise.all(slackApprovals(config, given));

test('all is well', async () => {
  expect(await look()).toEqual([
    { check: 'Slack key', state: 'ok', text: `the bridge signs with ${key.path}` },
    { check: 'Slack workspace', state: 'ok', text: 'T0SANDBOX is Sandbox' },
    { check: 'Slack socket', state: 'ok', text: 'APP can open a socket' },
  ]);
  expect(chat.socket.connections()).toEqual({ ever: 0, now: 0 });
});

test('nothing is checked where approvals are by key alone', async () => {
  const { slack: _, ...config } = configOf();
  expect(await look(config as Config)).toEqual([]);
});

test('each is reported with its remedy', async () => {
  const other = makeKey();
  const config = configOf({ team: 'T0OTHER', publicKey: other.publicKey });
  expect(await look(config, { ...env, APP: 'xapp-wrong' })).toEqual([
    {
      ...{ check: 'Slack key', state: 'problem' },
      text:
        `A signature by slack.approvals.key ${key.path} would be refused: ` +
        'it was made with a key that is not configured for the bridge.\n' +
        `Set slack.approvals.publicKey to the output of: ssh-keygen -y -f ${key.path}`,
    },
    {
      ...{ check: 'Slack workspace', state: 'problem' },
      text:
        'slack.approvals.team is T0OTHER, but the token in BOT belongs to T0SANDBOX (Sandbox): every click would be refused.\n' +
        'Set slack.approvals.team to T0SANDBOX, or use the token of an app in T0OTHER.',
    },
    {
      ...{ check: 'Slack socket', state: 'problem' },
      text:
        'Slack does not accept the token in APP (invalid_auth).\n' +
        'Make a new token, set APP where the worker is started, and start the worker again.',
    },
  ]);
});

test('what is not set is not asked', async () => {
  const found = await look(configOf(), {});
  expect(found.map(({ state, text }) => `${state}: ${text}`).slice(1)).toEqual([
    'unchecked: needs BOT',
    'unchecked: needs APP',
  ]);
});

test("tokens in each other's place are reported as such", async () => {
  const found = await look(configOf(), { BOT: env.APP, APP: env.BOT });
  expect(found.map(({ text }) => text).slice(1)).toEqual([
    'Slack does not accept the token in BOT (not_allowed_token_type): it is a token of another kind.\n' +
      'Take the "Bot User OAuth Token" (xoxb-…) from "OAuth & Permissions" of the app, set BOT where the worker is started, and start the worker again.',
    'Slack does not accept the token in APP (not_allowed_token_type): it is a token of another kind.\n' +
      'Make an app-level token (xapp-…) with connections:write under "App-Level Tokens" of the app, set APP where the worker is started, and start the worker again.',
  ]);
});
