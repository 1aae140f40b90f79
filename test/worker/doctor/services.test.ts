import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGithub } from '../../../sandbox/github/github.ts';
import type { Github } from '../../../sandbox/github/github.ts';
import type { TokenRights } from '../../../sandbox/github/tokens.ts';
import { startPager } from '../../../sandbox/pager/pager.ts';
import { Board } from '../../../sandbox/board.ts';
import { startSlack } from '../../../sandbox/slack/slack.ts';
import type { SlackOptions } from '../../../sandbox/slack/slack.ts';
import { github } from '../../../worker/doctor/github.ts';
import { page } from '../../../worker/doctor/page.ts';
import { secrets } from '../../../worker/doctor/secrets.ts';
import { slack } from '../../../worker/doctor/slack.ts';
import { hostAndGit } from '../../activities/git/host.ts';
import { localSite } from '../../activities/lib/local-site.ts';
import { configOf } from './doctor-fixture.ts';

let at: Awaited<ReturnType<typeof hostAndGit>>;
let hub: Github;
let chat: Awaited<ReturnType<typeof startSlack>>;
let pager: Awaited<ReturnType<typeof startPager>>;
const env = { GITHUB_TOKEN: 'gh-token', SLACK_BOT_TOKEN: 'xoxb-right' };

beforeAll(async () => {
  at = await hostAndGit();
  const { board, host } = at;
  hub = await startGithub({ board, repositories: host.repositories, token: env.GITHUB_TOKEN });
  chat = await startSlack({ board, token: env.SLACK_BOT_TOKEN });
  pager = await startPager({ board });
  await host.createRepository('acme/shop', [{ files: { a: '1' }, message: 'First' }]);
});
afterAll(() => Promise.all([hub.close(), chat.close(), pager.close(), at.close()]));

describe('secrets', () => {
  const config = () =>
    configOf({
      top: {
        sandbox: false,
        github: { api: hub.address, token: 'env:GITHUB_TOKEN' },
        page: { webhook: 'env:PAGE_URL' },
      },
    });

  test('are listed by name, set or not', async () => {
    expect(
      await secrets(config(), { ...env, PAGE_URL: 'https://ntfy.example/of-the-team' }),
    ).toEqual({
      check: 'secrets',
      state: 'ok',
      text: 'set: GITHUB_TOKEN, PAGE_URL',
    });
    expect(await secrets(config(), { ...env, PAGE_URL: 'http://127.0.0.1:1/' })).toMatchObject({
      state: 'problem',
      text: expect.stringMatching(/^The value of PAGE_URL is no secret: it is also a word in/),
    });
    expect(await secrets(config(), { GITHUB_TOKEN: 'short', PAGE_URL: 'also' })).toMatchObject({
      state: 'ok',
      text:
        'set: GITHUB_TOKEN, PAGE_URL. Too short to be removed from texts, ' +
        'so make a longer value: GITHUB_TOKEN, PAGE_URL',
    });
    expect(await secrets(config(), { PAGE_URL: ' ' })).toEqual({
      check: 'secrets',
      state: 'problem',
      text:
        'plimsoll.yaml names variables that are not set here: GITHUB_TOKEN, PAGE_URL.\n' +
        'Set them where the worker is started, and run doctor in the same terminal.',
    });
  });
});

describe('GitHub', () => {
  const look = (token: string | undefined, api = hub.address) =>
    Promise.all(
      github(
        configOf({ top: { github: { api, token: 'env:GITHUB_TOKEN' } } }),
        token ? { GITHUB_TOKEN: token } : {},
      ),
    );
  const about = (state: string, text: string) => [{ check: 'GitHub acme/shop', state, text }];

  test('is in order where the token reads everything that a deploy reads', async () => {
    expect(await look('gh-token')).toEqual(
      about(
        'ok',
        'GITHUB_TOKEN can read acme/shop; its scopes and the role of its owner let it write',
      ),
    );
  });

  test('that does not know the token is reported by the name of its variable', async () => {
    expect(await look('ghp_wrong')).toEqual(
      about(
        'problem',
        'GitHub refused the request for the repository acme/shop, because it does not know the token in GITHUB_TOKEN (401). GitHub says: "Bad credentials".\n' +
          'Make a new token, set GITHUB_TOKEN where the worker is started, and start the worker again.',
      ),
    );
  });

  describe('with the rights of each kind of token', () => {
    const all = {
      ...({ checks: 'read', statuses: 'read', administration: 'read', actions: 'read' } as const),
      ...({ issues: 'write', pull_requests: 'write', deployments: 'write' } as const),
      contents: 'write' as const,
    };
    const classic = (scopes: string[], role: 'read' | 'write' | 'admin' = 'admin') =>
      ({ kind: 'classic', scopes, role }) as const;
    const notShown =
      'GITHUB_TOKEN can read acme/shop; its scopes and the role of its owner let it write. GitHub ' +
      'does not show all rules of main (branch protection: 404: Not Found; only an administrator ' +
      'of the repository can read it), so the required checks are those in tests.required and in ' +
      'the rules that GitHub shows';
    const fine = (without?: keyof typeof all) => {
      const { [without ?? 'checks']: _, ...permissions } = all;
      return { kind: 'fine-grained', permissions, role: 'admin' } as const;
    };
    const lacks = (names: string) =>
      'The token in GITHUB_TOKEN lacks permissions at GitHub.\n' +
      `Give it access to acme/shop: ${names}.` +
      '\nA fine-grained token cannot read the checks of a private repository. For that, use a ' +
      'GitHub App, or a classic token with the scope repo.';

    test.each<[string, TokenRights, string, string]>([
      ['of a member who is no administrator', classic(['repo'], 'write'), 'ok', notShown],
      [
        'of a reader',
        classic(['repo'], 'read'),
        'problem',
        'The owner of the token in GITHUB_TOKEN may not write to acme/shop.\n' +
          'Give the owner the role "write" in the repository, or "admin" to read branch ' +
          'protection, too.',
      ],
      ['that is fine-grained', fine(), 'problem', lacks('checks (read)')],
      [
        'that is fine-grained, without issues',
        fine('issues'),
        'problem',
        lacks('checks (read), issues (write)'),
      ],
    ])('a token %s', async (_, rights, state, text) => {
      const site = await startGithub({
        ...{ board: at.board, repositories: at.host.repositories },
        ...{ token: 'other', tokens: { 'gh-token': rights } },
      });
      const found = await look('gh-token', site.address);
      await site.close();
      expect(found).toEqual(about(state, text));
    });
  });

  test('that was renamed says its present name', async () => {
    await at.host.createRepository('acme/store', [{ files: { a: '1' }, message: 'First' }]);
    const site = await startGithub({
      ...{ board: at.board, repositories: at.host.repositories, token: 'gh-token' },
    });
    site.rename('acme/shop', 'acme/store');
    const found = await look('gh-token', site.address);
    await site.close();
    expect(found).toEqual(
      about(
        'problem',
        'acme/shop is named acme/store now.\n' +
          'Set "github: acme/store" and the new address under "repository" in plimsoll.yaml.',
      ),
    );
  });

  test('whose branch is protected in another way is in order', async () => {
    hub.setRules('acme/shop', { protection: { main: 'no-checks' } });
    const found = await look('gh-token');
    hub.setRules('acme/shop', { protection: {} });
    expect(found).toEqual(
      about(
        'ok',
        'GITHUB_TOKEN can read acme/shop; its scopes and the role of its owner let it write',
      ),
    );
  });

  test('whose plan has no rules of a branch is in order', async () => {
    hub.setRules('acme/shop', { rulesets: null, protection: null });
    const found = await look('gh-token');
    hub.setRules('acme/shop', { rulesets: {}, protection: {} });
    expect(found).toMatchObject([{ state: 'ok' }]);
  });

  test('names the scanners whose alerts it does not show', async () => {
    const config = configOf({ top: { github: { api: hub.address, token: 'env:GITHUB_TOKEN' } } });
    const { shop } = config.projects;
    const audit = { github: ['code-scanning', 'dependabot'] } as never;
    const projects = { shop: { ...shop!, audit } };
    hub.setAlerts('acme/shop', { 'code-scanning': [], dependabot: null });
    const found = await Promise.all(github({ ...config, projects }, env));
    hub.setAlerts('acme/shop', { 'code-scanning': null });
    expect(found).toEqual(
      about(
        'ok',
        'GITHUB_TOKEN can read acme/shop; its scopes and the role of its owner let it write. GitHub ' +
          'did not show the alerts of dependabot (Dependabot alerts are disabled for this ' +
          'repository.), so the audit gate would stay closed. Switch the scanner on in the settings ' +
          'of the repository, or remove the scanner from audit.github in plimsoll.yaml',
      ),
    );
  });

  test('is not asked without a token, and its absence is reported', async () => {
    expect(await look(undefined)).toEqual([
      { check: 'GitHub', state: 'unchecked', text: 'needs GITHUB_TOKEN' },
    ]);
    expect(await Promise.all(github(configOf(), env))).toEqual([
      {
        check: 'GitHub',
        state: 'absent',
        text: 'not configured: Plimsoll reads no checks, closes no issues and shows no deployments. To change this, add github: to plimsoll.yaml.',
      },
    ]);
  });
});

describe('Slack', () => {
  const look = (token: string, api = `${chat.address}/api/`) =>
    slack(configOf({ top: { slack: { api, token: 'env:SLACK_BOT_TOKEN' } } }), {
      SLACK_BOT_TOKEN: token,
    });

  test('says whose the token is, and which channels it reads', async () => {
    expect(await look(env.SLACK_BOT_TOKEN)).toEqual({
      check: 'Slack',
      state: 'ok',
      text: 'SLACK_BOT_TOKEN is plimsoll in Sandbox, and reads #deployments and #incidents',
    });
  });

  test('that does not accept the token is reported with the remedy', async () => {
    expect(await look('xoxb-wrong')).toEqual({
      check: 'Slack',
      state: 'problem',
      text:
        'Slack does not accept the token in SLACK_BOT_TOKEN (invalid_auth).\n' +
        'Make a new token, set SLACK_BOT_TOKEN where the worker is started, and start the worker again.',
    });
  });

  const of = async (options: Partial<SlackOptions>) => {
    const token = env.SLACK_BOT_TOKEN;
    const other = await startSlack({ board: new Board(), token, ...options });
    const finding = await look(token, other.api);
    await other.close();
    return finding;
  };

  test('that gave too few scopes is reported with what each missing one is for', async () => {
    expect(await of({ scopes: ['chat:write', 'im:write', 'channels:history'] })).toEqual({
      check: 'Slack',
      state: 'problem',
      text:
        'The Slack token in SLACK_BOT_TOKEN lacks:\n' +
        'im:history: needed to find an approval request that it posted before. Nobody is asked at Slack for an approval, and the buttons of old requests stay.\n' +
        "channels:read: needed to find a public channel by its name. There are no notes, no incidents and no dead man's switch in channels that are given by their name.\n" +
        'Add the missing scopes under "OAuth & Permissions", "Bot Token Scopes" of the app, and install the app again.',
    });
  });

  test('whose bot is not in a channel is reported', async () => {
    const channels = ['deployments', { name: 'incidents', isMember: false }];
    expect(await of({ channels })).toEqual({
      check: 'Slack',
      state: 'problem',
      text:
        'Slack refused the request for the channel messages in #incidents (not_in_channel): the bot is not a member of the channel.\n' +
        'Invite the bot to the channel (/invite), or correct the channel under slack: in plimsoll.yaml.',
    });
  });

  test('whose channel is private is reported with the scopes to add', async () => {
    const channels = ['deployments', { name: 'incidents', isPrivate: true }];
    const scopes = ['chat:write', 'im:write', 'im:history', 'channels:read', 'channels:history'];
    expect((await of({ channels, scopes })).text).toBe(
      'Slack has no public channel "#incidents". Private channels were not searched, because the token in SLACK_BOT_TOKEN lacks the scope groups:read.\n' +
        'Correct the name under slack: in plimsoll.yaml. If the channel is private, add groups:read and groups:history under "OAuth & Permissions", "Bot Token Scopes" of the app, install the app again, and invite the bot to the channel (/invite).',
    );
    expect((await of({ channels, scopes: [...scopes, 'groups:read'] })).text).toBe(
      'Slack refused the request for the channel messages in #incidents, because the token in SLACK_BOT_TOKEN lacks the scope groups:history. There are no notes and no incidents in private channels.\n' +
        'Add the scope under "OAuth & Permissions", "Bot Token Scopes" of the app, and install the app again.',
    );
    const all = [...scopes, 'groups:read', 'groups:history'];
    expect((await of({ channels, scopes: all })).state).toBe('ok');
  });

  test('that does not say the scopes is not called ok', async () => {
    const site = await localSite((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const channels = [
        { id: 'C1', name: 'deployments' },
        { id: 'C2', name: 'incidents' },
      ];
      const isList = request.url?.endsWith('conversations.list');
      response.end(
        JSON.stringify({
          ok: true,
          user: 'plimsoll',
          team: 'Acme',
          ...(isList ? { channels } : {}),
        }),
      );
    });
    const finding = await look('xoxb-narrow', `${site.url}/`);
    await site.close();
    expect(finding).toEqual({
      check: 'Slack',
      state: 'unchecked',
      text:
        'needs the header x-oauth-scopes in the answer of Slack. The answer had no such header, so the scopes of the token are unknown. ' +
        'Check that nothing between this machine and Slack removes headers.',
    });
  });

  test('whose tokens end after 12 hours is reported before they end', async () => {
    expect(await look('xoxe.xoxb-1-abcdef')).toEqual({
      check: 'Slack',
      state: 'problem',
      text:
        'The Slack token in SLACK_BOT_TOKEN ends after 12 hours, because token rotation is switched on for the app (it begins with xoxe.).\n' +
        'Plimsoll does not renew tokens, and Slack cannot switch token rotation off for an app. Make a new app from the manifest in docs/slack.md, set SLACK_BOT_TOKEN where the worker is started, and start the worker again.',
    });
  });

  test('is absent where it is not configured', async () => {
    expect((await slack(configOf(), env)).state).toBe('absent');
  });
});

describe('the page', () => {
  const when = new Date('2026-03-01T10:00:00Z');
  const config = (webhook = `${pager.address}/shop`) => configOf({ top: { page: { webhook } } });

  test('is sent only when asked for, and says that nothing is wrong', async () => {
    expect(await page(config(), { send: false, at: when, env })).toEqual({
      check: 'page',
      state: 'ok',
      text: 'people are paged by webhook; to send a test page: plimsoll doctor --page',
    });
    expect(pager.calls()).toEqual([]);
    expect(await page(config(), { send: true, at: when, env })).toEqual({
      check: 'page',
      state: 'ok',
      text: 'a test page was sent by webhook; check that it arrived',
    });
    expect(pager.calls()).toMatchObject([
      {
        way: 'webhook',
        key: 'doctor/2026-03-01T10:00:00.000Z',
        title: 'Plimsoll: a test page',
        text: `Plimsoll: a test page

A person ran "plimsoll doctor --page". Nothing is wrong and there is nothing to do.`,
      },
    ]);
  });

  test('that nobody would get is a problem when requested, else a warning', async () => {
    const text =
      'NOBODY CAN BE PAGED: a stuck deploy or a failed rollback wakes nobody.\n' +
      'Add page: with a webhook (such as an ntfy topic) or smtp to plimsoll.yaml, and start the worker again.';
    const nobody = { check: 'page', text };
    const plain = await page(configOf(), { send: false, at: when, env });
    expect(plain).toEqual({ ...nobody, state: 'absent' });
    const asked = await page(configOf(), { send: true, at: when, env });
    expect(asked).toEqual({ ...nobody, state: 'problem' });
  });

  test('that does not go out is a problem', async () => {
    const finding = await page(config('http://127.0.0.1:1/shop'), { send: true, at: when, env });
    expect(finding.state).toBe('problem');
  });
});
