import { MockActivityEnvironment } from '../../support/activity-environment.ts';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import { createSlack } from '../../../activities/slack/slack.ts';
import { scrub } from '../../../domain/messages/parts/scrub.ts';
import type { Note } from '../../../domain/contract/activities.ts';
import type { SealedPlan } from '../../../domain/deploy/plan.ts';
import type { Config } from '../../../domain/config/config.ts';
import { Board } from '../../../sandbox/board.ts';
import { startSlack } from '../../../sandbox/slack/slack.ts';
import type { Slack } from '../../../sandbox/slack/slack.ts';
import type { SlackLedger } from '../../../activities/slack/memory.ts';
import { localSite } from '../lib/local-site.ts';
import { planFor } from '../plan/plan-fixture.ts';

const token = 'xoxb-test-token-1234567890';
let slack: Slack;
let board: Board;
let ledger: Ledger;
beforeEach(async () => {
  ledger = await openLedger({ path: ':memory:' });
  board = new Board();
  const people = ['U0ADA00001', 'U0BO000001'];
  const users = people.map((id) => ({ id, name: id, email: `${id}@example.test`, isBot: false }));
  slack = await startSlack({ board, token, users });
});
afterEach(async () => {
  vi.useRealTimers();
  await slack.close();
  await ledger.close();
});

const person = (id?: string) => ({ keys: [], emails: [], ...(id ? { slack: id } : {}) });
const config = (): Pick<Config, 'slack' | 'approvers'> => ({
  slack: {
    api: slack.api,
    token: 'env:SLACK_TOKEN',
    deployments: '#deployments',
    incidents: '#incidents',
  },
  approvers: { ada: person('U0ADA00001'), bo: person('U0BO000001'), cy: person() },
});
/** The Slack activities of a new worker, which has sent no message yet. */
const fresh = (secret = token) => createSlack({ config: config(), secret: () => secret, ledger });
const note = (over: Partial<Note> = {}): Note => ({
  deploy: { deployId: 'd1', project: 'shop', environment: 'production', sha: 'b'.repeat(40) },
  step: 'parent',
  channel: '#deployments',
  text: 'shop production bbbbbbb: preflight',
  parent: true,
  ...over,
});
const posts = () => board.effects.filter(({ operation }) => operation === 'chat.postMessage');

describe('say', () => {
  test('posts one parent message and edits it, also from another worker', async () => {
    expect(await fresh().notify(note())).toBe(true);
    await fresh().notify(note({ text: 'shop production bbbbbbb: succeeded' }));
    expect(slack.messages()).toMatchObject([
      {
        name: '#deployments',
        text: 'shop production bbbbbbb: succeeded',
        threadTs: null,
        metadata: {
          event_type: 'plimsoll_deploy',
          event_payload: { deploy_id: 'd1', step: 'parent' },
        },
      },
    ]);
  });

  test('puts lines into the thread, each step once', async () => {
    await fresh().notify(note());
    const line = note({ step: 'issues', parent: false, text: 'Issues were not closed' });
    await fresh().notify(line);
    await fresh().notify({ ...line, text: 'Issues were closed' });
    const [parent, reply, ...rest] = slack.messages();
    expect(rest).toEqual([]);
    expect(reply).toMatchObject({ threadTs: parent?.ts, text: 'Issues were closed' });
  });

  test('keeps deploys and channels apart', async () => {
    await fresh().notify(note());
    await fresh().notify(note({ deploy: { ...note().deploy, deployId: 'd2' } }));
    await fresh().notify(note({ step: 'incident', channel: '#incidents', parent: false }));
    expect(slack.messages().map(({ name, threadTs }) => [name, threadTs])).toEqual([
      ['#deployments', null],
      ['#deployments', null],
      ['#incidents', null],
    ]);
  });

  test.each(['500-after', 'drop-after'] as const)(
    'adopts what it posted without an answer (%s)',
    async (kind) => {
      board.arm({ service: 'slack', match: 'chat.postMessage', kind, times: 1 });
      await expect(fresh().notify(note())).rejects.toMatchObject({ type: 'UnknownOutcome' });
      expect(await fresh().notify(note())).toBe(true);
      expect(posts()).toHaveLength(1);
    },
  );

  test('two notes at once make one parent', async () => {
    const one = fresh();
    await Promise.all([one.notify(note()), one.notify(note({ step: 'x', parent: false }))]);
    expect(slack.messages().filter(({ threadTs }) => threadTs === null)).toHaveLength(1);
  });

  test('is false where Slack is not configured', async () => {
    const none = createSlack({ config: { approvers: {} }, secret: () => '', ledger });
    expect(await none.notify(note())).toBe(false);
    expect(await none.askApprovers({ sealed: sealed(), reminder: false })).toBe(false);
  });

  test('waits as long as Slack asks, and leaves an outage to Temporal', async () => {
    board.arm({ service: 'slack', match: 'conversations.history', kind: '429', times: 1 });
    await expect(fresh().notify(note())).rejects.toMatchObject({
      type: 'Unavailable',
      nextRetryDelay: 1000,
      nonRetryable: false,
    });
    await slack.close();
    await expect(fresh().notify(note())).rejects.toMatchObject({ type: 'Unavailable' });
  });

  test('names the variable of a bad token, not the token', async () => {
    const failure = await fresh('xoxb-wrong-secret')
      .notify(note())
      .catch((cause: Error) => cause);
    expect(failure).toMatchObject({ type: 'Misconfigured', nonRetryable: true });
    expect((failure as Error).message).toBe(
      'Slack does not accept the token in SLACK_TOKEN (invalid_auth).\n' +
        'Make a new token, set SLACK_TOKEN where the worker is started, and start the worker again.',
    );
  });

  test('names a channel that is not there', async () => {
    await expect(fresh().notify(note({ channel: '#nowhere' }))).rejects.toMatchObject({
      type: 'Misconfigured',
      message:
        'Slack has no public channel "#nowhere". Private channels were not searched, because the token in SLACK_TOKEN lacks the scope groups:read.\n' +
        'Correct the name under slack: in plimsoll.yaml. If the channel is private, add groups:read and groups:history under "OAuth & Permissions", "Bot Token Scopes" of the app, install the app again, and invite the bot to the channel (/invite).',
    });
  });

  test('lets nobody mention or leak through its text', async () => {
    const text = `<!channel> & https://u:pa55word@host xoxb-123456789-abc AKIAABCDEFGHIJKLMNOP`;
    await fresh().notify(note({ text }));
    expect(slack.messages()[0]?.text).toBe('&lt;!channel&gt; &amp; https://u:…@host … …');
  });
});

const asked = (method: string) =>
  board.writes.filter(({ call }) => call.endsWith(`/${method}`)).length;
const daysLater = (days: number) => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + days * 86_400_000 });
};
const broken = () => Promise.reject(new Error('The ledger did not answer.'));
const silentLedger = (): SlackLedger => ({ messages: { add: broken, of: broken }, read: broken });

describe('a message that the ledger knows', () => {
  test('is edited after weeks, and no history is read for it', async () => {
    await fresh().notify(note());
    const before = asked('conversations.history');
    daysLater(20);
    await fresh().notify(note({ text: 'shop production bbbbbbb: succeeded' }));
    await fresh().notify(note({ step: 'issues', parent: false, text: 'Issues were closed' }));
    expect(asked('conversations.history')).toBe(before);
    expect(slack.messages().map(({ text, threadTs }) => [text, threadTs !== null])).toEqual([
      ['shop production bbbbbbb: succeeded', false],
      ['Issues were closed', true],
    ]);
  });

  test.each([
    ['an edit', note()],
    ['a line of its thread', note({ step: 'issues', parent: false, text: 'Issues were closed' })],
  ])('and that somebody deleted is posted anew for %s', async (_, next) => {
    await fresh().notify(note());
    const [first] = slack.messages();
    slack.remove(first?.channel ?? '', first?.ts ?? '');
    await fresh().notify(next);
    await fresh().notify(next);
    expect(slack.messages().map(({ text, threadTs }) => [text, threadTs])).toEqual([
      [next.text, null],
    ]);
  });

  test('is found in Slack while the ledger does not answer, and recorded later', async () => {
    const blind = createSlack({ config: config(), secret: () => token, ledger: silentLedger() });
    await blind.notify(note());
    await blind.notify(note({ text: 'watching' }));
    await fresh().notify(note({ text: 'succeeded' }));
    expect(slack.messages().map(({ text }) => text)).toEqual(['succeeded']);
    const { channel = '', ts = '' } = slack.messages()[0] ?? {};
    expect(await ledger.messages.of('d1', channel)).toEqual([
      { deployId: 'd1', channel, step: 'parent', ts },
    ]);
  });
});

test('a message that the ledger does not know is searched since the start of the deploy', async () => {
  board.arm({ service: 'slack', match: 'chat.postMessage', kind: 'drop-after', times: 1 });
  const { deployId, project, environment } = note().deploy;
  const entry = { kind: 'started', key: 'request/1', deployId, project, environment } as const;
  await ledger.append({ ...entry, body: {} });
  await expect(fresh().notify(note())).rejects.toMatchObject({ type: 'UnknownOutcome' });
  daysLater(20);
  await fresh().notify(note({ text: 'succeeded' }));
  expect(slack.messages().map(({ text }) => text)).toEqual(['succeeded']);
});

describe('what Slack refuses', () => {
  const failure = (act: () => Promise<unknown>) =>
    act().then(
      () => null,
      (cause: Error) => cause,
    );

  test('rate_limited is waited for like ratelimited', async () => {
    slack.refuse('chat.postMessage', 'rate_limited');
    expect(await failure(() => fresh().notify(note()))).toMatchObject({
      type: 'Unavailable',
      nonRetryable: false,
      nextRetryDelay: 30_000,
    });
    expect(await fresh().notify(note())).toBe(true);
    expect(posts()).toHaveLength(1);
  });

  test('an error in which a part may have happened is looked at before it is tried again', async () => {
    slack.refuse('chat.postMessage', 'fatal_error');
    expect(await failure(() => fresh().notify(note()))).toMatchObject({
      type: 'UnknownOutcome',
      message:
        'Slack refused the request for a message in #deployments (fatal_error): Slack could not complete it.',
    });
  });

  test('an expired token says that rotation must be off', async () => {
    slack.refuse('conversations.list', 'token_expired');
    expect(await failure(() => fresh().notify(note()))).toMatchObject({
      type: 'Misconfigured',
      nonRetryable: true,
      message:
        'Slack does not accept the token in SLACK_TOKEN (token_expired): the token has expired, because token rotation is switched on for the app.\n' +
        'Plimsoll does not renew tokens, and Slack cannot switch token rotation off for an app. Make a new app from the manifest in docs/slack.md, set SLACK_TOKEN where the worker is started, and start the worker again.',
    });
  });

  test('a word of tomorrow is shown, with the page to read', async () => {
    const site = await localSite((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"ok":false,"error":"moon_too_bright"}');
    });
    const settings = config();
    const at = { ...settings, slack: { ...settings.slack!, api: `${site.url}/` } };
    const act = createSlack({ config: at, secret: () => token, ledger });
    const found = await failure(() => act.notify(note({ channel: 'C000000001' })));
    await site.close();
    expect(found).toMatchObject({
      type: 'Misconfigured',
      message:
        'Slack refused the request for the channel messages in C000000001 with a word that Plimsoll does not know: moon_too_bright.\n' +
        'The meaning of the word: https://docs.slack.dev/reference/methods/conversations.history',
    });
  });
});

const sealed = (): SealedPlan => ({
  plan: planFor({
    deployId: 'd1',
    sha: 'b'.repeat(40),
    rollbackTarget: { id: 'x', sha: 'a'.repeat(40) },
    commits: [
      { sha: 'b'.repeat(40), title: 'Take <cards>', emails: [] },
      { sha: 'c'.repeat(40), title: 'Tidy', emails: [] },
    ],
    commitsLeftOut: 3,
  }),
  gates: [],
  digest: 'd'.repeat(64),
});

describe('the approval request', () => {
  test('goes once to every eligible approver with a Slack id, and its text says it all', async () => {
    expect(await fresh().askApprovers({ sealed: sealed(), reminder: false })).toBe(true);
    expect(await fresh().askApprovers({ sealed: sealed(), reminder: false })).toBe(true);
    expect(
      slack
        .messages()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['@U0ADA00001', '@U0BO000001']);
    expect(slack.messages()[0]?.text).toBe(
      'May bbbbbbb (main) be deployed to shop production?\n' +
        'Requested by ada: a new basket\n' +
        'Commits (titles by their authors):\n' +
        '• bbbbbbb Take &lt;cards&gt;\n' +
        '• ccccccc Tidy\n' +
        '• and 3 more commits\n' +
        'Note: production\n' +
        'Rollback: to aaaaaaa, automatic if the release fails\n' +
        'Approvals: 1 of ada, bo; without an answer by 2026-11-24 08:00 UTC the deploy closes\n' +
        'Plan dddddddddddd\n' +
        'plimsoll approve shop production\n' +
        'plimsoll reject shop production',
    );
  });

  test('says which role one of them must have', async () => {
    const { plan, ...rest } = sealed();
    const rule = { ...plan.rule, roles: [{ name: 'dba', people: ['bo'] }] };
    const asked = { ...rest, plan: { ...plan, rule } };
    expect(await fresh().askApprovers({ sealed: asked, reminder: false })).toBe(true);
    expect(slack.messages()[0]?.text).toContain(
      '\nApprovals: 1 of ada, bo, one of them dba (bo); without an answer by ',
    );
  });

  test('says where no rollback happens automatically', async () => {
    const { plan, ...rest } = sealed();
    const crossing = { ...rest, plan: { ...plan, forwardOnly: 'db/1.sql' } };
    expect(await fresh().askApprovers({ sealed: crossing, reminder: false })).toBe(true);
    expect(slack.messages()[0]?.text).toContain(
      '\nRollback: to aaaaaaa, NOT automatic: this release contains schema migrations that are not ' +
        'declared backward-compatible (db/1.sql); if this release fails, it stays live until an approver ' +
        'signs the rollback\n',
    );
  });

  test('is repeated by each reminder, once however often the reminder is tried', async () => {
    const remind = (activityId: string) => {
      const env = new MockActivityEnvironment({ activityId });
      return env.run(() => fresh().askApprovers({ sealed: sealed(), reminder: true }));
    };
    await remind('7');
    await remind('7');
    await remind('9');
    expect(slack.messages().filter(({ name }) => name === '@U0ADA00001')).toHaveLength(2);
    expect(slack.messages()[0]?.text).toMatch(
      /^Reminder: May bbbbbbb \(main\) be deployed to shop production/,
    );
  });

  test('is closed after weeks, also one that the ledger does not know', async () => {
    const input = { sealed: sealed(), reminder: false };
    await fresh().askApprovers({ ...input, to: ['ada'] });
    daysLater(20);
    await createSlack({
      ...{ config: config(), secret: () => token, ledger: silentLedger() },
    }).askApprovers({ ...input, to: ['bo'] });
    const standing = { open: false, why: 'rejected by bo' };
    expect(await fresh().showAnswers({ sealed: sealed(), rulings: [], standing })).toBe(true);
    expect(slack.messages().map(({ name, text }) => [name, text.split('\n').at(-1)])).toEqual([
      ['@U0ADA00001', 'Closed: rejected by bo'],
      ['@U0BO000001', 'Closed: rejected by bo'],
    ]);
  });

  test('that somebody deleted is left out when it is closed', async () => {
    await fresh().askApprovers({ sealed: sealed(), reminder: false, to: ['ada'] });
    const [first] = slack.messages();
    slack.remove(first?.channel ?? '', first?.ts ?? '');
    const standing = { open: false, why: 'rejected by bo' };
    expect(await fresh().showAnswers({ sealed: sealed(), rulings: [], standing })).toBe(true);
    expect(slack.messages()).toEqual([]);
  });

  test('goes only to those who are named', async () => {
    const input = { sealed: sealed(), reminder: true, to: ['bo'] };
    expect(await fresh().askApprovers(input)).toBe(true);
    expect(slack.messages().map(({ name }) => name)).toEqual(['@U0BO000001']);
  });

  test('reaches the others when one cannot be reached', async () => {
    const unknown = {
      ...config(),
      approvers: { ada: person('U0NOBODY01'), bo: person('U0BO000001') },
    };
    const ask = createSlack({ config: unknown, secret: () => token, ledger }).askApprovers;
    expect(await ask({ sealed: sealed(), reminder: false })).toBe(true);
    expect(slack.messages().map(({ name }) => name)).toEqual(['@U0BO000001']);
  });
});

test.each([
  ['token=abcdef123 rest', 'token=… rest'],
  ['password: hunter22', 'password: …'],
  ['reads env: token=env:SLACK_TOKEN', 'reads env: token=env:SLACK_TOKEN'],
  ['Bearer abcdefghijk', 'Bearer …'],
  ['sk_live_abcdefghijklmnop', '…'],
  ['ghp_abcdefghijklmnopqrst', '…'],
  ['sign by key with: plimsoll approve shop', 'sign by key with: plimsoll approve shop'],
  ['key: plimsollsecret', 'key: …'],
  ['main reverted by 1a2b3c4d5e6f', 'main reverted by 1a2b3c4d5e6f'],
])('scrub(%j)', (text, safe) => expect(scrub(text)).toBe(safe));
