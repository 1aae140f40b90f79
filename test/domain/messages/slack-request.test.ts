import type { ActionsBlock, Button, KnownBlock } from '@slack/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import { createSlack } from '../../../activities/slack/slack.ts';
import { answerWords } from '../../../domain/messages/slack-answer.ts';
import { requestWords } from '../../../domain/messages/slack-request.ts';
import type {
  ApprovalRule,
  GateReport,
  Plan,
  Ruling,
  SealedPlan,
} from '../../../domain/deploy/plan.ts';
import type { Config } from '../../../domain/config/config.ts';
import { SlackButton } from '../../../domain/config/slack.ts';
import { Board } from '../../../sandbox/board.ts';
import { startSlack } from '../../../sandbox/slack/slack.ts';
import type { Slack } from '../../../sandbox/slack/slack.ts';
import { newSha, planFor, sha } from '../../support/plan.ts';

const digest = 'd'.repeat(64);
const ruleOf = (over: Partial<ApprovalRule> = {}): ApprovalRule => ({
  ...{
    required: 1,
    reasons: ['production needs a human'],
    notAlone: [],
    solo: 'off',
    slack: 'one',
  },
  ...{ eligible: ['bob', 'carol'] },
  ...over,
});
const sealedOf = (over: Partial<Plan> = {}): SealedPlan => ({
  plan: planFor({
    rule: ruleOf(),
    commits: [
      { sha: newSha, title: 'Tidy', emails: [] },
      {
        ...{ sha: sha('c'), title: 'Take', emails: [] },
        pull: { number: 12, title: 'Take <cards> & coins', author: 'casey' },
      },
    ],
    power: ['12 % of errors is seen within 5 min.'],
    warnings: ['the release before is unproven'],
    ...over,
  }),
  gates: [],
  digest,
});
const request = (over: Partial<Plan> = {}) =>
  requestWords({ sealed: sealedOf(over), reminder: false });
const actionsOf = (blocks: KnownBlock[]) =>
  blocks.filter((block): block is ActionsBlock => block.type === 'actions');
const buttonsOf = (blocks: KnownBlock[]) =>
  actionsOf(blocks).flatMap(({ elements }) => elements as Button[]);

describe('the request with buttons', () => {
  test('is readable alone as text', () => {
    expect(request().text).toBe(
      'May bbbbbbb (main) be deployed to gateway production?\n' +
        'Requested by alice: fix the queue\n' +
        'Pull requests (from GitHub):\n' +
        '• #12 Take &lt;cards&gt; &amp; coins by casey: ccccccc\n' +
        'Other commits (titles by their authors):\n' +
        '• bbbbbbb Tidy\n' +
        'Note: production needs a human; the release before is unproven\n' +
        'Rollback: to aaaaaaa, automatic if the release fails\n' +
        'The watch can detect: 12 % of errors is seen within 5 min.\n' +
        'Approvals: 1 of bob, carol; without an answer by 2026-01-01 02:00 UTC the deploy closes\n' +
        'by Slack: a click is enough\n' +
        'Plan dddddddddddd\n' +
        'plimsoll approve gateway production\n' +
        'plimsoll reject gateway production',
    );
  });

  test('names each pull request once, with the number of its commits', () => {
    const pull = { number: 13, title: 'Take coupons', author: null };
    const added = ['c', '1', '2', '3', '4'].map((digit) => sha(digit));
    const commits = [
      ...added.map((one) => ({ sha: one, title: 'Add a field', pull, emails: [] })),
      { sha: sha('d'), title: 'Straight to main', emails: [] },
    ];
    const { text } = request({ commits });
    expect(text.split('\n').slice(2, 6)).toEqual([
      'Pull requests (from GitHub):',
      '• #13 Take coupons: ccccccc, 1111111, 2222222 and 2 more',
      'Other commits (titles by their authors):',
      '• ddddddd Straight to main',
    ]);
    expect(text).not.toContain('more commit');
  });

  test('shows two commits of one title as two lines', () => {
    const commits = ['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((digit) => ({
      ...{ sha: sha(digit), title: digit < '3' ? 'Take cards (#12)' : `Step ${digit}`, emails: [] },
    }));
    const lines = request({ commits }).text.split('\n');
    expect(lines[2]).toBe('Commits (titles by their authors):');
    expect(lines.slice(3, 6)).toEqual([
      '• 1111111 Take cards (#12)',
      '• 2222222 Take cards (#12)',
      '• 3333333 Step 3',
    ]);
    expect(lines.filter((line) => line.startsWith('• '))).toHaveLength(9);
  });

  test.each([
    [0, 11, 0, 'and 1 more commit'],
    [0, 12, 30, 'and 32 more commits'],
    [12, 3, 0, 'and 5 more commits'],
  ])(
    'shows or counts each of %i pull requests, %i commits and %i others',
    (of, alone, left, more) => {
      const many = (count: number) => Array.from({ length: count }, (_, at) => at);
      const commits = [
        ...many(of).map((at) => ({
          ...{
            sha: sha('a'),
            title: 'T',
            emails: [],
            pull: { number: at, title: 'P', author: null },
          },
        })),
        ...many(alone).map(() => ({ sha: sha('b'), title: 'T', emails: [] })),
      ];
      const { text } = request({ commits, commitsLeftOut: left });
      expect(text).toContain(`\n• ${more}\n`);
      expect(text.match(/^• (?!and)/gm)).toHaveLength(10);
    },
  );

  const gateOf = (over: Partial<GateReport>): GateReport => ({
    ...{ gate: 'audit', open: true, reasons: [], checkedAt: '2026-01-01T00:00:00.000Z' },
    ...over,
  });
  const waivedLine = (id: string) =>
    `waived by ana until 2026-03-01, "never called": npm audit of .: ${id} (high) in minimist: Pollution`;
  const withGates = (...gates: GateReport[]) =>
    requestWords({ sealed: { ...sealedOf(), gates }, reminder: false });

  test('names what its gates are open in spite of, before everything else that is risky', () => {
    const spent =
      'P0, ALLOWED DESPITE THE BUDGET: today: $25.00 of $20.00 is spent or reserved. Wait until 2026-01-02';
    const { text, blocks } = withGates(
      gateOf({ reasons: [waivedLine('GHSA-1'), 'npm audit of .: 1 finding'], loud: 1 }),
      gateOf({ gate: 'tests', reasons: ['12 passed'] }),
      gateOf({ gate: 'budget', reasons: [spent, 'about $0.10'], loud: 1 }),
    );
    expect(text).toBe(
      'May bbbbbbb (main) be deployed to gateway production?\n' +
        'Requested by alice: fix the queue\n' +
        'Pull requests (from GitHub):\n' +
        '• #12 Take &lt;cards&gt; &amp; coins by casey: ccccccc\n' +
        'Other commits (titles by their authors):\n' +
        '• bbbbbbb Tidy\n' +
        'Note: audit: waived by ana until 2026-03-01, "never called": npm audit of .: GHSA-1 ' +
        '(high) in minimist: Pollution; budget: P0, ALLOWED DESPITE THE BUDGET: today: $25.00 of ' +
        '$20.00 is spent or reserved. Wait until 2026-01-02\n' +
        'Note: production needs a human; the release before is unproven\n' +
        'Rollback: to aaaaaaa, automatic if the release fails\n' +
        'The watch can detect: 12 % of errors is seen within 5 min.\n' +
        'Approvals: 1 of bob, carol; without an answer by 2026-01-01 02:00 UTC the deploy closes\n' +
        'by Slack: a click is enough\n' +
        'Plan dddddddddddd\n' +
        'plimsoll approve gateway production\n' +
        'plimsoll reject gateway production',
    );
    expect(JSON.stringify(blocks)).toContain('*Note:* audit: waived by ana until 2026-03-01');
  });

  test('with more of that than a phone shows it says how many, and where they are', () => {
    const reasons = ['GHSA-1', 'GHSA-2', 'GHSA-3', 'GHSA-4'].map(waivedLine);
    const [mind = ''] = withGates(gateOf({ reasons, loud: 4 })).text.match(/^Note: .*/m) ?? [];
    expect(mind).toBe(
      'Note: the gates are open despite 4 problems (to see all: plimsoll status gateway ' +
        `production); audit: ${waivedLine('GHSA-1')}; audit: ${waivedLine('GHSA-2')}; audit: ` +
        `${waivedLine('GHSA-3')}`,
    );
  });

  test('has the whole message as blocks, and two buttons that ask once more', () => {
    const { blocks } = request();
    const mrkdwn = (text: string) => ({
      type: 'section',
      text: { type: 'mrkdwn', text, verbatim: true },
    });
    const plain = (text: string) => ({ type: 'plain_text', text });
    const value = JSON.stringify({
      ...{ deployId: 'd-0123456789ab', project: 'gateway', environment: 'production', digest },
    });
    const button = (text: string, style: string, about: string) => ({
      ...{ type: 'button', action_id: `plimsoll_${text.toLowerCase()}`, text: plain(text), style },
      value,
      confirm: {
        ...{ title: plain(text), text: plain(about) },
        ...{ confirm: plain(text), deny: plain('Cancel'), style },
      },
    });
    expect(blocks).toEqual([
      mrkdwn(
        '*May bbbbbbb (main) be deployed to gateway production?*\nRequested by alice: fix the queue',
      ),
      mrkdwn(
        'Pull requests (from GitHub):\n• #12 Take &lt;cards&gt; &amp; coins by casey: ccccccc\n' +
          'Other commits (titles by their authors):\n• bbbbbbb Tidy',
      ),
      mrkdwn(
        '*Note:* production needs a human; the release before is unproven\n' +
          '*Rollback:* to aaaaaaa, automatic if the release fails\n' +
          '*The watch can detect:* 12 % of errors is seen within 5 min.\n' +
          'Approvals: 1 of bob, carol; without an answer by 2026-01-01 02:00 UTC the deploy ' +
          'closes\n' +
          'by Slack: a click is enough\n' +
          'Plan dddddddddddd',
      ),
      {
        ...{ type: 'actions', block_id: 'plimsoll_decision' },
        elements: [
          button('Approve', 'primary', 'Deploy bbbbbbb to gateway production? Plan dddddddddddd.'),
          button(
            'Reject',
            'danger',
            'Close this deploy of gateway production? Nothing is deployed.',
          ),
        ],
      },
    ]);
    expect(SlackButton.parse(JSON.parse(value))).toMatchObject({ digest });
  });

  test.each<[string, Partial<Plan>, string[], string]>([
    [
      'without a rollback',
      { noReturn: 'it deletes a table' },
      ['Reject'],
      'a release that cannot be rolled back',
    ],
    [
      'a first release',
      { rollbackTarget: null },
      ['Reject'],
      'a release that cannot be rolled back',
    ],
    ['clicks only reject', { rule: ruleOf({ slack: 'never' }) }, ['Reject'], 'can only reject'],
    [
      'two are needed',
      { rule: ruleOf({ required: 2 }) },
      ['Approve', 'Reject'],
      'one approval must',
    ],
  ])('offers only what a click can do: %s', (_, over, labels, line) => {
    const { text, blocks } = request(over);
    expect(buttonsOf(blocks).map((one) => one.text.text)).toEqual(labels);
    expect(text).toContain(line);
  });

  test('has the commands instead where Slack is no door', () => {
    const { slack: _, ...rule } = ruleOf();
    const { blocks } = request({ rule });
    expect(actionsOf(blocks)).toEqual([]);
    expect(blocks.at(-1)).toMatchObject({
      text: { text: expect.stringMatching(/^```plimsoll approve gateway production\n/) },
    });
  });

  test('keeps the limits of Block Kit, whatever people and commits are called', () => {
    const long = '<&>'.repeat(2000);
    const name = 'n'.repeat(63);
    const { text, blocks } = request({
      ...{ project: name, environment: name, ref: long, reason: long, requestedBy: name },
      ...{ power: [long, long], warnings: [long], rule: ruleOf({ reasons: [long] }) },
      commits: Array.from({ length: 40 }, () => ({ sha: newSha, title: long, emails: [] })),
    });
    const sections = blocks.flatMap((one) =>
      one.type === 'section' && one.text ? [one.text.text] : [],
    );
    expect(Math.max(...sections.map((one) => one.length))).toBeLessThanOrEqual(3000);
    expect(sections.filter((one) => /<|&(?!amp;|lt;|gt;)/.test(one))).toEqual([]);
    expect(text.length).toBeLessThan(12_000);
    for (const { value = '', confirm, text: label } of buttonsOf(blocks)) {
      expect(value.length).toBeLessThanOrEqual(2000);
      expect(label.text.length).toBeLessThanOrEqual(75);
      expect(confirm?.text.text.length).toBeLessThanOrEqual(300);
    }
  });
});

const ruling = (over: Partial<Ruling> = {}): Ruling => ({
  ...{ verdict: 'counted', decision: 'approve', approver: 'bob', why: '', nonce: '0' },
  ...{ at: '2026-01-01T00:10:00.000Z', touch: false, via: 'slack' },
  ...over,
});

describe('what stands below a question', () => {
  test('while one more is needed: who decided, and the buttons', () => {
    const standing = { open: true, why: 'waiting for carol' };
    const sealed = sealedOf({ rule: ruleOf({ required: 2 }) });
    const forged = ruling({ verdict: 'void', approver: 'mallory' });
    const { text, blocks } = answerWords({ sealed, rulings: [ruling(), forged], standing }, false);
    const lines = '✓ bob approved at 00:10 UTC, by a click at Slack\nOpen: waiting for carol';
    expect(text.endsWith(`\nPlan dddddddddddd\n${lines}`)).toBe(true);
    expect(buttonsOf(blocks)).toHaveLength(2);
  });

  test('once it is closed: who decided, and nothing to press', () => {
    const standing = { open: false, why: 'rejected by carol' };
    const { via: _, ...byKey } = ruling({ approver: 'carol', decision: 'reject' });
    const rulings = [ruling(), byKey];
    const { text, blocks } = answerWords({ sealed: sealedOf(), rulings, standing }, true);
    expect(text.startsWith('Reminder: May bbbbbbb (main) be deployed to gateway production')).toBe(
      true,
    );
    expect(blocks.at(-1)).toMatchObject({
      text: {
        text:
          '✓ bob approved at 00:10 UTC, by a click at Slack\n' +
          '✗ carol rejected at 00:10 UTC, signed by key\n' +
          'Closed: rejected by carol',
      },
    });
    expect(actionsOf(blocks)).toEqual([]);
  });
});

describe('at Slack', () => {
  let slack: Slack;
  let ledger: Ledger;
  beforeEach(async () => {
    ledger = await openLedger({ path: ':memory:' });
    const users = ['U0BOB', 'U0CAROL'].map((id) => ({
      ...{ id, name: id, email: `${id}@example.test`, isBot: false },
    }));
    slack = await startSlack({ board: new Board(), token: 'xoxb-1', users });
  });
  afterEach(async () => {
    await slack.close();
    await ledger.close();
  });
  const activities = () => {
    const person = (id: string) => ({ keys: [], emails: [], slack: id });
    const config: Pick<Config, 'slack' | 'approvers'> = {
      slack: {
        ...{ api: slack.api, token: 'env:SLACK_TOKEN' },
        ...{ deployments: '#deployments', incidents: '#incidents' },
      },
      approvers: { bob: person('U0BOB'), carol: person('U0CAROL') },
    };
    return createSlack({ config, secret: () => 'xoxb-1', ledger });
  };

  test('every message that asked shows the end, and keeps no button', async () => {
    const sealed = sealedOf();
    await activities().askApprovers({ sealed, reminder: false });
    await activities().askApprovers({ sealed, reminder: true, to: ['carol'] });
    const other = { ...sealed, plan: { ...sealed.plan, deployId: 'd-other' } };
    await activities().askApprovers({ sealed: other, reminder: false });
    const standing = { open: false, why: 'approved by bob' };
    const shown = { sealed, rulings: [ruling()], standing };
    expect(await activities().showAnswers(shown)).toBe(true);
    expect(await activities().showAnswers(shown)).toBe(true);
    const seen = slack.messages().map(({ name, text, blocks, metadata }) => ({
      ...{
        name,
        step: metadata?.event_payload.step,
        closed: text.endsWith('Closed: approved by bob'),
      },
      buttons: buttonsOf((blocks ?? []) as KnownBlock[]).length,
    }));
    const ask = 'approval-request';
    const order = ({ closed, name, step }: (typeof seen)[number]) => `${!closed} ${name} ${step}`;
    expect(seen.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))).toEqual([
      { name: '@U0BOB', step: ask, closed: true, buttons: 0 },
      { name: '@U0CAROL', step: 'approval-reminder/', closed: true, buttons: 0 },
      { name: '@U0CAROL', step: ask, closed: true, buttons: 0 },
      { name: '@U0BOB', step: ask, closed: false, buttons: 2 },
      { name: '@U0CAROL', step: ask, closed: false, buttons: 2 },
    ]);
  });
});
