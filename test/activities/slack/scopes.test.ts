import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import { createSlack } from '../../../activities/slack/slack.ts';
import { Config } from '../../../domain/config/config.ts';
import { manifestScopes, slackScopes } from '../../../domain/services/slack-scopes.ts';
import { Board } from '../../../sandbox/board.ts';
import { startSlack } from '../../../sandbox/slack/slack.ts';
import type { ChannelInput } from '../../../sandbox/slack/state.ts';
import { slackApprovals } from '../../../worker/doctor/slack-approvals.ts';
import { slack as doctor } from '../../../worker/doctor/slack.ts';
import { openSocket } from '../../../worker/doors/slack/socket-door.ts';
import { makeKey } from '../../support/keys.ts';
import { textOf, tokenOf } from '../../permissions/rows.ts';
import type { Row, Told } from '../../permissions/rows.ts';
import { planFor } from '../plan/plan-fixture.ts';

const token = 'xoxb-test-token-1234567890';
const users = [{ id: 'U0ADA00001', name: 'ada', email: 'ada@example.test', isBot: false }];
const env = { SLACK_TOKEN: token };
const hidden: ChannelInput[] = ['deployments', 'incidents'].map((name) => ({
  name,
  isPrivate: true,
}));

const openToken = 'bot token, public channels';
const hiddenToken = 'bot token, private channels';
const appLevel = 'app-level token';
const told: Told = { [openToken]: [], [hiddenToken]: [], [appLevel]: [] };
const rowOf = (permission: string, { text }: { text: string }, texts: string[]): Row => ({
  ...{ permission, doctor: text, plan: '' },
  deploy: texts.filter((one) => !one.endsWith(': done')).join('\n'),
});

let ledger: Ledger;
beforeEach(async () => {
  ledger = await openLedger({ path: ':memory:' });
});
afterEach(() => ledger.close());

/** The actions of a deploy at Slack. */
function actions(config: Config) {
  const act = createSlack({ config, secret: () => token, ledger });
  const deploy = {
    deployId: 'd1',
    project: 'shop',
    environment: 'production',
    sha: 'b'.repeat(40),
  };
  const sealed = { plan: planFor({ deployId: 'd1' }), gates: [], digest: 'd'.repeat(64) };
  const standing = { open: false, why: 'rejected by ada' };
  const postAt = Math.floor(Date.now() / 1000) + 1500;
  const note = { deploy, step: 'parent', channel: '#deployments', text: 'preflight', parent: true };
  return {
    note: () => act.notify(note),
    line: () => act.notify({ ...note, step: 'issues', parent: false }),
    request: () => act.askApprovers({ sealed, reminder: false }),
    answers: () => act.showAnswers({ sealed, rulings: [], standing }),
    switch: () => act.setDeadMansSwitch({ deploy, channel: '#incidents', text: 'silent', postAt }),
  };
}

async function play(scopes: readonly string[], channels?: readonly ChannelInput[]) {
  const board = new Board();
  const slack = await startSlack({
    board,
    token,
    users,
    scopes,
    ...(channels ? { channels } : {}),
  });
  const config = Config.parse({
    slack: { api: slack.api, token: 'env:SLACK_TOKEN' },
    approvers: { ada: { keys: [makeKey().publicKey], slack: 'U0ADA00001' } },
    projects: {},
  });
  const finding = await doctor(config, env);
  const effects = board.effects.length;
  const texts: string[] = [];
  for (const [name, act] of Object.entries(actions(config)))
    texts.push(
      `${name}: ${await act().then(
        () => 'done',
        (cause: Error) => cause.message,
      )}`,
    );
  await slack.close();
  return { finding, effects, texts };
}

test('the scopes of the manifest and nothing more suffice for everything', async () => {
  const { finding, texts } = await play(manifestScopes);
  expect(finding.state).toBe('ok');
  expect(texts).toEqual(
    ['note', 'line', 'request', 'answers', 'switch'].map((it) => `${it}: done`),
  );
});

test('with the scopes for private channels, they suffice for private channels', async () => {
  const { finding, texts } = await play(
    slackScopes.map(({ scope }) => scope),
    hidden,
  );
  expect(finding.state).toBe('ok');
  expect(texts).toEqual(
    ['note', 'line', 'request', 'answers', 'switch'].map((it) => `${it}: done`),
  );
});

/** What the doctor and the worker say about clicks, if the app-level token has these scopes. */
async function playClicks(appScopes: readonly string[]) {
  const [appToken, variable] = ['xapp-test-token-1234567890', 'SLACK_APP_TOKEN'];
  const board = new Board();
  const slack = await startSlack({ board, token, users, appToken, appScopes });
  const key = makeKey();
  const config = Config.parse({
    slack: {
      ...{ api: slack.api, token: 'env:SLACK_TOKEN' },
      approvals: {
        ...{ team: 'T0SANDBOX', key: key.path, publicKey: key.publicKey },
        appToken: `env:${variable}`,
      },
    },
    approvers: { ada: { keys: [makeKey().publicKey], slack: 'U0ADA00001' } },
    projects: {},
  });
  const findings = await Promise.all(slackApprovals(config, { ...env, [variable]: appToken }));
  const said: string[] = [];
  const door = openSocket({
    ...{ api: slack.api, token: appToken, variable },
    hear: async () => undefined,
    warn: (line) => void said.push(line),
  });
  await door.ready;
  const sockets = slack.socket.connections().now;
  await door.close();
  await slack.close();
  return { problems: findings.filter(({ state }) => state !== 'ok'), said, sockets };
}

test('with the scope of the app-level token and nothing more, a socket for clicks opens', async () => {
  const { permissions } = tokenOf('slack', appLevel);
  expect(await playClicks(permissions.map(({ name }) => name))).toEqual({
    problems: [],
    said: [],
    sockets: 1,
  });
});

describe('without one scope, the doctor and each action say so, and the doctor touches nothing', () => {
  test.each(slackScopes.map(({ scope, needed }) => [scope, needed] as const))(
    '%s',
    async (scope, needed) => {
      const all = slackScopes.map((one) => one.scope);
      const isPrivate = needed === 'private channels';
      const has = (isPrivate ? all : manifestScopes).filter((one) => one !== scope);
      const { finding, effects, texts } = await play(has, isPrivate ? hidden : undefined);
      expect(finding.state).toBe('problem');
      expect(finding.text).toContain(scope);
      expect(effects).toBe(0);
      told[isPrivate ? hiddenToken : openToken]!.push(rowOf(scope, finding, texts));
    },
  );

  test('for private channels, the doctor names the other scopes, too', async () => {
    const all = slackScopes.map((one) => one.scope);
    for (const scope of manifestScopes) {
      const { finding, effects, texts } = await play(
        all.filter((one) => one !== scope),
        hidden,
      );
      expect(finding.state).toBe('problem');
      expect(finding.text).toContain(scope);
      expect(effects).toBe(0);
      told[hiddenToken]!.push(rowOf(scope, finding, texts));
    }
  });

  test('connections:write of the app-level token', async () => {
    const { problems, said, sockets } = await playClicks([]);
    const refused =
      'Slack refused the request for a socket for clicks with SLACK_APP_TOKEN, because the token in ' +
      'SLACK_APP_TOKEN lacks the scope connections:write.\n' +
      'Make an app-level token (xapp-…) with connections:write under "App-Level Tokens" of the app, ' +
      'set SLACK_APP_TOKEN where the worker is started, and start the worker again.';
    expect(problems).toEqual([{ check: 'Slack socket', state: 'problem', text: refused }]);
    expect(said).toEqual([
      `Clicks at Slack are not received: ${refused}\nUntil clicks are received again, sign approvals by key.`,
    ]);
    expect(sockets).toBe(0);
    told[appLevel]!.push({
      ...{ permission: 'connections:write', doctor: refused, plan: '' },
      deploy: `worker: ${said.join('\n')}`,
    });
  });

  test('the rows are those of docs/permissions.md', async () => {
    const { text, file } = await textOf('slack', told);
    await expect(text).toMatchFileSnapshot(file);
  });
});
