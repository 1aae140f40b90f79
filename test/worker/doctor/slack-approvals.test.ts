import { afterAll, beforeAll, expect, test } from 'vitest';
import { Config } from '../../../domain/config/config.ts';
import { Board } from '../../../sandbox/board.ts';
import { startSlack } from '../../../sandbox/slack/slack.ts';
import { slackApprovals } from '../../../worker/doctor/slack-approvals.ts';
import { localSite } from '../../activities/lib/local-site.ts';
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
        'Set slack.approvals.team to T0SANDBOX, or take the token of an app in T0OTHER.',
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

test('a token that cannot find its own requests is reported', async () => {
  const site = await localSite((_, response) => {
    response.writeHead(200, {
      ...{ 'content-type': 'application/json', 'x-oauth-scopes': 'chat:write,im:write' },
    });
    response.end('{"ok":true,"team":"Acme","team_id":"T0SANDBOX"}');
  });
  const [, finding] = await look(configOf({}, `${site.url}/`));
  await site.close();
  expect(finding?.text).toBe(
    'The Slack token in BOT lacks im:history. Without this scope, Plimsoll cannot find its approval requests again, and their buttons stay.\n' +
      'Add the scope under "OAuth & Permissions" of the app and install the app again.',
  );
});
