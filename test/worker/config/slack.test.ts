import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseConfig } from '../../../worker/config/config.ts';

const key = (letter: string) =>
  `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA${letter.repeat(42).slice(0, 42)}`;
const production = {
  platform: 'vps',
  hosts: [
    {
      address: 'deploy@127.0.0.1:2222',
      hostKey: `SHA256:${'x'.repeat(43)}`,
      url: 'http://127.0.0.1:8080',
    },
  ],
  directory: '/srv/shop',
  service: 'shop',
  health: 'http://localhost:3000/healthz',
  smoke: { auth: '/login', payments: 'n/a: nothing is sold', core: '/' },
};
const ana = { keys: [key('A')], emails: ['ana@example.com'], slack: 'U0ANA' };
const ben = { keys: [key('B')], emails: ['ben@example.com'] };
const approvals = {
  team: 'T0TEAM',
  key: '/etc/plimsoll/slack',
  publicKey: key('S'),
  appToken: 'env:SLACK_APP_TOKEN',
};
const base = {
  approvers: { ana, ben },
  authorship: 'git',
  projects: {
    shop: {
      repository: 'http://127.0.0.1:3001/shop.git',
      tests: { required: ['test'] },
      environments: { production },
    },
  },
};

/**
 * Returns the problems that `parseConfig` reports for a configuration, one text for each problem.
 */
function problems(door: object, config: object = {}): string[] {
  const slack = { token: 'env:SLACK_BOT_TOKEN', approvals: { ...approvals, ...door } };
  try {
    parseConfig(stringify({ ...base, slack, ...config }), 'p.yaml');
    return [];
  } catch (error) {
    return (error as Error).message
      .split('\n\n')
      .slice(1, -1)
      .map((block) => block.replace(/^\S+ {2}/, ''));
  }
}

const make = "ssh-keygen -t ed25519 -N '' -f plimsoll-slack";

describe('approvals by Slack', () => {
  it('are taken by Socket Mode, by signed requests, or both', () => {
    const http = { listen: '127.0.0.1:8482', signingSecret: 'env:SLACK_SIGNING_SECRET' };
    expect(problems({})).toEqual([]);
    expect(problems({ http })).toEqual([]);
    expect(problems({ appToken: undefined, http })).toEqual([]);
    expect(problems({ appToken: undefined })).toEqual([
      'slack.approvals\n  Set appToken (clicks by Socket Mode) or http (clicks by signed requests).',
    ]);
  });

  it('name secrets, a workspace and how far they suffice in words that are known', () => {
    const wrong = { appToken: 'xapp-1-secret', team: 'acme', suffices: 'always' };
    expect(problems(wrong)).toEqual([
      'slack.approvals.team\n  Use the id of the workspace, such as T012ABCDEF.',
      'slack.approvals.appToken\n  Use env:NAME, never the secret itself.',
      'slack.approvals.suffices\n  Use one of: one, all, never.',
    ]);
  });

  it("have a key that is nobody else's", () => {
    expect(problems({ publicKey: `${key('B')} of ben` })).toEqual([
      'slack.approvals.publicKey\n' +
        '  This is the key of approvers.ben: the bridge could sign for this person without a click.\n' +
        `  Make a key for the bridge alone: ${make}`,
    ]);
    const agent = { agent: { keys: [key('C')] } };
    expect(problems({ publicKey: key('C') }, { requesters: agent })).toEqual([
      'slack.approvals.publicKey\n' +
        '  This is the key of requesters.agent: the bridge could sign for this person without a click.\n' +
        `  Make a key for the bridge alone: ${make}`,
    ]);
    const requests = { as: 'agent', key: approvals.key };
    expect(problems({}, { requesters: agent, requests })).toEqual([
      'slack.approvals.key\n' +
        '  requests.key names this file as well, so the requester of a deploy could approve the deploy.\n' +
        `  Make a key for the bridge alone: ${make}`,
    ]);
  });

  it('need an approver who can click', () => {
    const { slack: _, ...nobody } = ana;
    expect(problems({}, { approvers: { ana: nobody, ben } })).toEqual([
      'slack.approvals\n' +
        '  Nobody could approve by a click: no approver has a Slack member ID.\n' +
        '  Add the ID to each approver: slack: U012ABCDEF (in Slack: profile, ⋮, "Copy member ID").',
    ]);
  });

  it('never let an agent be a person at Slack', () => {
    const requesters = { agent: { keys: [key('C')], slack: 'U0ANA' } };
    expect(problems({}, { requesters })).toEqual([
      'requesters.agent.slack\n' +
        '  U0ANA is the Slack account of the approver ana: a click of the agent would count as a click of the approver.\n' +
        '  Remove the account here, or give the agent a Slack account of its own.',
    ]);
  });
});

describe('one human alone, by Slack', () => {
  const impossible = (why: string) => [
    'projects.shop.environments.production\n' +
      `  No deploy to production could ever be approved: ${why}.`,
  ];

  it('clicks', () => {
    expect(problems({}, { approvers: { ana }, solo: 'slack' })).toEqual([]);
  });

  it('must have clicks that count, and a member id', () => {
    const why =
      '"solo: slack" needs clicks that count: configure slack.approvals, with "suffices: one" or ' +
      '"suffices: all"';
    expect(problems({ suffices: 'never' }, { approvers: { ana }, solo: 'slack' })).toEqual(
      impossible(why),
    );
    const without = { slack: { token: 'env:SLACK_BOT_TOKEN' }, approvers: { ana }, solo: 'slack' };
    expect(problems({}, without)).toEqual(impossible(why));
    const alone = { approvers: { ben }, solo: 'slack' };
    expect(problems({}, alone)).toContain(
      impossible(
        '"solo: slack" needs ben\'s member id of Slack: add "slack: U…" to approvers.ben',
      )[0],
    );
  });
});
