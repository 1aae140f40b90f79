import { describe, expect, test } from 'vitest';
import type { Commit, Ruling } from '../../../domain/deploy/plan.ts';
import { approvalState } from '../../../domain/approval/approval-state.ts';
import type { Human } from '../../../domain/approval/authorship.ts';
import { decideRule } from '../../../domain/approval/rule.ts';
import { type RuleInput } from '../../../domain/approval/rule-input.ts';

const person = (name: string, over: Partial<Human> = {}): Human => ({
  keys: [`ssh-ed25519 AAAA${name}`],
  emails: [`${name}@shop.example`],
  ...over,
});
const commit = (...names: string[]): Commit => ({
  sha: 'a'.repeat(40),
  title: 'Take cards',
  emails: names.map((name) => (name.includes('@') ? name : `${name}@shop.example`)),
});
const alice = person('alice');
const bob = person('bob');
const carol = person('carol');
const five = ['ann', 'ben', 'cy', 'dee', 'eve'];

const decide = (over: Partial<RuleInput> = {}) =>
  decideRule({
    project: 'shop',
    environment: 'production',
    commits: [commit('alice')],
    unknownCommits: 0,
    approvers: { alice, bob },
    requesters: { ci: person('ci') },
    requestedBy: 'ci',
    bots: [],
    solo: 'off',
    firstDeploy: false,
    offBranch: null,
    ...over,
  });

const rule = (over: Partial<RuleInput> = {}) => {
  const decided = decide(over);
  if ('impossible' in decided) throw new Error(decided.impossible.join('; '));
  return decided.rule;
};
const impossible = (over: Partial<RuleInput>) => {
  const decided = decide(over);
  return 'impossible' in decided ? decided.impossible : [];
};

describe('people with rights in other projects only', () => {
  const blog = { projects: ['blog'] };
  const elsewhere = (...names: string[]) =>
    Object.fromEntries(names.map((name) => [name, person(name, blog)]));

  test('are not eligible, and still count as authors', () => {
    const approvers = { ...elsewhere('alice', 'dora'), bob, carol };
    const made = rule({ approvers, commits: [commit('alice', 'bob')] });
    expect(made.eligible).toEqual(['carol']);
    expect(made.reasons).toEqual(['production always needs a human']);
  });

  test('never make a team a single human', () => {
    const approvers = { alice, ...elsewhere('bob') };
    expect(impossible({ approvers, requestedBy: 'alice', solo: 'file-key' })).toEqual([
      'alice requested the deploy or wrote its commits, so another approver is required: ' +
        'add another person under "approvers:", or add shop to "projects" of another approver',
    ]);
    const other = rule({ approvers, commits: [commit('bob')], solo: 'file-key' });
    expect(other).toMatchObject({ solo: 'off', required: 1, eligible: ['alice'] });
  });

  test('can leave a project without approvers', () => {
    expect(impossible({ approvers: elsewhere('alice', 'bob') })).toEqual([
      'no approver has rights in shop: add shop to "projects" of an approver',
    ]);
  });
});

describe('through a freeze', () => {
  const freeze = 'one more approver: this hotfix may pass the freeze window "the weekend"';
  const people = { approvers: { alice, bob, carol, dora: person('dora') } };

  test('goes with one more than otherwise', () => {
    expect(rule({ ...people, through: [freeze] })).toMatchObject({
      required: 2,
      reasons: ['production always needs a human', freeze],
    });
    expect(rule({ ...people, through: [freeze], override: 2 }).required).toBe(3);
  });

  test('and a stop of the line goes with one more, for both reasons', () => {
    const stop = 'one more approver: this hotfix passes the stop of bob, "pay.example is down"';
    expect(rule({ ...people, through: [freeze, stop] })).toMatchObject({
      required: 2,
      reasons: ['production always needs a human', freeze, stop],
    });
  });

  test('is not automatic where everything else is', () => {
    const staging = { ...people, environment: 'staging' };
    expect(rule({ ...staging, through: [freeze] })).toMatchObject({
      required: 1,
      reasons: ['staging is automatic', freeze],
    });
    expect(rule({ ...staging, override: 0, through: [freeze] }).required).toBe(1);
  });

  test('goes nowhere where nobody more is there', () => {
    expect(impossible({ through: [freeze], override: 2 })[0]).toBe(
      '3 approvers are required and only alice, bob is configured: add another person under ' +
        '"approvers:"',
    );
  });
});

describe('what else asks for people', () => {
  const two = {
    required: 2,
    why: 'two approvers: the deploy changes payment code (pay.ts)',
  } as const;
  const one = { required: 1, why: 'a human: it costs $6.00, more than $5' } as const;
  const staging = { environment: 'staging' };

  test.each<[string, Partial<RuleInput>, number, string[]]>([
    ['nothing', { demands: [] }, 1, ['production always needs a human']],
    ['one', { demands: [one] }, 1, ['production always needs a human', one.why]],
    ['two', { demands: [two] }, 2, ['production always needs a human', two.why]],
    ['both', { demands: [one, two] }, 2, ['production always needs a human', one.why, two.why]],
    ['staging', { ...staging, demands: [] }, 0, ['staging is automatic']],
    ['one on staging', { ...staging, demands: [one] }, 1, ['staging is automatic', one.why]],
    ['two on staging', { ...staging, demands: [two] }, 2, ['staging is automatic', two.why]],
    [
      'one where nobody is asked by configuration',
      { ...staging, override: 0, demands: [one] },
      1,
      ['staging is set to "approvers: 0"', one.why],
    ],
    [
      'less than the configuration',
      { override: 2, demands: [one] },
      2,
      ['production always needs a human', one.why],
    ],
    [
      'a hotfix through a freeze',
      { demands: [two], through: ['one more'], approvers: { alice, bob, carol } },
      3,
      ['production always needs a human', two.why, 'one more'],
    ],
    [
      'a hotfix through a freeze on staging',
      { ...staging, demands: [one], through: ['one more'] },
      2,
      ['staging is automatic', one.why, 'one more'],
    ],
    [
      'an author whom nobody knows, beside it',
      { demands: [one], unknownCommits: 3 },
      2,
      [
        'production always needs a human',
        one.why,
        'two approvers: 3 older commits are too many to read, so their authors are unknown',
      ],
    ],
  ])('%s', (_, over, required, reasons) => {
    expect(rule(over)).toMatchObject({ required, reasons });
  });

  test('keeps the author from approving alone, on staging too', () => {
    expect(rule({ environment: 'staging', demands: [one] })).toMatchObject({
      eligible: ['bob'],
      notAlone: [['alice']],
    });
  });

  test('is said where too few people are there for it', () => {
    expect(
      impossible({
        demands: [{ required: 2, why: 'it is dear' }],
        approvers: { bob },
        commits: [],
      }),
    ).toEqual([
      '2 approvers are required and only bob is configured: add a second person under ' +
        '"approvers:", or set "solo: touch-key"',
      'it is dear',
    ]);
  });
});

describe('how many', () => {
  test.each<[string, Partial<RuleInput>, number, string]>([
    ['production', {}, 1, 'production always needs a human'],
    ['set to two', { override: 2, commits: [] }, 2, 'production always needs a human'],
    [
      'set to none',
      { override: 0 },
      1,
      'production always needs a human; "approvers: 0" has no effect here',
    ],
    [
      'eu-prod',
      { environment: 'eu-prod', override: 0 },
      1,
      'eu-prod always needs a human; "approvers: 0" has no effect here',
    ],
    ['staging', { environment: 'staging' }, 0, 'staging is automatic'],
    ['preview', { environment: 'preview' }, 0, 'preview is automatic'],
    ['testing', { environment: 'testing' }, 0, 'testing is automatic'],
    [
      'staging set to one',
      { environment: 'staging', override: 1 },
      1,
      'staging is set to "approvers: 1"',
    ],
    ['a name nobody knows', { environment: 'shop-2' }, 1, 'shop-2 needs a human, like production'],
    [
      'first deploy to staging',
      { environment: 'staging', firstDeploy: true },
      1,
      'the first deploy to staging needs one approval',
    ],
    [
      'first deploy, opted out',
      { environment: 'staging', firstDeploy: true, override: 0 },
      0,
      'staging is set to "approvers: 0"',
    ],
  ])('%s', (_, over, required, why) => {
    expect(rule(over)).toMatchObject({ required, reasons: [why, ...rule(over).reasons.slice(1)] });
  });

  test('an author nobody knows makes it two', () => {
    expect(
      rule({ commits: [commit('alice', 'eve@nowhere.example')], approvers: { alice, bob, carol } }),
    ).toMatchObject({
      required: 2,
      reasons: [
        'production always needs a human',
        'two approvers: eve@nowhere.example (aaaaaaa) belongs to no known person; list the ' +
          'address under approvers, requesters or bots',
      ],
    });
  });

  test('a commit without any address is by nobody known', () => {
    expect(rule({ commits: [commit()] }).required).toBe(2);
  });

  test('bots, agents and private GitHub addresses are known', () => {
    const commits = [
      commit('Bot@Shop.example'),
      commit('ci'),
      commit('12345+Octo-Alice@users.noreply.github.com'),
    ];
    const approvers = { alice: person('alice', { github: 'octo-alice' }), bob };
    expect(rule({ commits, approvers, bots: ['bot@shop.example'] })).toMatchObject({
      required: 1,
      eligible: ['bob'],
      notAlone: [['alice']],
    });
  });

  test('commits that could not be read make it two', () => {
    expect(rule({ commits: [], unknownCommits: 7 })).toMatchObject({
      required: 2,
      reasons: [
        'production always needs a human',
        'two approvers: 7 older commits are too many to read, so their authors are unknown',
      ],
    });
  });

  test('a first deploy and a commit off the branch are said', () => {
    expect(rule({ firstDeploy: true, offBranch: 'main' }).reasons).toEqual([
      'production always needs a human',
      'the commit is not on main',
      'the first release of production cannot be rolled back',
    ]);
  });
});

const yes = (approver: string): Ruling => ({
  ...{ verdict: 'counted', decision: 'approve', approver, why: '', nonce: approver },
  ...{ at: '2026-01-01T00:00:00.000Z', touch: false },
});

describe('who', () => {
  test('the author of every commit is not eligible', () => {
    expect(rule()).toMatchObject({ eligible: ['bob'], notAlone: [['alice']] });
  });

  test('the requester is not eligible', () => {
    expect(rule({ commits: [], requestedBy: 'bob' })).toMatchObject({ eligible: ['alice'] });
  });

  test('requester and author cover each other where nobody else is there', () => {
    expect(rule({ requestedBy: 'bob' })).toMatchObject({
      required: 2,
      reasons: [
        'production always needs a human',
        'every approver requested this deploy or wrote part of it, so no single person is enough',
      ],
      eligible: ['alice', 'bob'],
      notAlone: [['bob'], ['alice']],
    });
  });

  test('co-authors of one commit do not approve it together', () => {
    const over = { commits: [commit('alice', 'bob')], approvers: { alice, bob, carol } };
    expect(rule(over)).toMatchObject({ eligible: ['carol'], notAlone: [['alice', 'bob']] });
  });

  test('two who wrote a commit each are asked both, and no number is told that does not suffice', () => {
    const told = rule({ commits: [commit('alice'), commit('bob')] });
    expect(told).toMatchObject({
      required: 2,
      reasons: [
        'production always needs a human',
        'every approver wrote part of this deploy, so no single person is enough',
      ],
      eligible: ['alice', 'bob'],
    });
    const all = approvalState({ rule: told }, []);
    expect(all).toMatchObject({ more: 2, why: 'waiting for 2 of alice, bob' });
    const one = approvalState({ rule: told }, [yes('alice')]);
    expect(one).toMatchObject({ kind: 'waiting', more: 1, why: 'waiting for bob' });
    expect(approvalState({ rule: told }, [yes('alice'), yes('bob')]).kind).toBe('approved');
  });

  test('three who wrote it two by two are asked all', () => {
    const commits = [commit('alice', 'bob'), commit('bob', 'carol'), commit('alice', 'carol')];
    expect(rule({ commits, approvers: { alice, bob, carol } })).toMatchObject({
      required: 3,
      reasons: [
        'production always needs a human',
        'every approver wrote part of this deploy, so 2 approvers are not enough',
      ],
    });
  });

  test('two who wrote a commit together are told where two are asked', () => {
    const over = { override: 2 as const, commits: [commit('alice', 'bob')] };
    expect(rule({ ...over, approvers: { alice, bob, carol } })).toMatchObject({
      required: 2,
      reasons: [
        'production always needs a human',
        'alice and bob wrote part of this deploy together and need one more approver',
      ],
      eligible: ['alice', 'bob', 'carol'],
    });
  });

  test('authors of different commits cover each other', () => {
    const over = { commits: [commit('alice'), commit('bob')], approvers: { alice, bob, carol } };
    expect(rule(over).eligible).toEqual(['alice', 'bob', 'carol']);
  });

  test('an agent listed as an approver is not eligible', () => {
    const approvers = { ci: person('ci'), bob, carol };
    expect(rule({ approvers, requesters: { ci: person('ci') } }).eligible).toEqual([
      'bob',
      'carol',
    ]);
  });
});

describe('a rule that the configured people can never meet', () => {
  test.each<[string, Partial<RuleInput>, string[]]>([
    [
      'nobody',
      { approvers: {} },
      ['no approver is configured: add a person with a key under "approvers:"'],
    ],
    [
      'one person who wrote it',
      { approvers: { alice } },
      [
        'alice wrote the commits of the deploy, so another approver is required: add a second ' +
          'person under "approvers:", or set "solo: touch-key"',
      ],
    ],
    [
      'one person who requested it',
      { approvers: { alice }, commits: [], requestedBy: 'alice' },
      [
        'alice requested the deploy or wrote its commits, so another approver is required: add a ' +
          'second person under "approvers:", or set "solo: touch-key"',
      ],
    ],
    [
      'two who wrote it together',
      { commits: [commit('alice', 'bob')] },
      [
        'alice and bob wrote the commits of the deploy, so another approver is required: add ' +
          'another person under "approvers:"',
      ],
    ],
    [
      'two are needed',
      { override: 2, approvers: { bob }, commits: [] },
      [
        '2 approvers are required and only bob is configured: add a second person under ' +
          '"approvers:", or set "solo: touch-key"',
      ],
    ],
    [
      'two are needed for an unknown author',
      { approvers: { bob }, commits: [commit('eve@nowhere.example')] },
      [
        '2 approvers are required and only bob is configured: add a second person under ' +
          '"approvers:", or set "solo: touch-key"',
        'two approvers: eve@nowhere.example (aaaaaaa) belongs to no known person; list the ' +
          'address under approvers, requesters or bots',
      ],
    ],
    [
      'solo without a touch key',
      { approvers: { alice }, solo: 'touch-key' },
      [
        '"solo: touch-key" needs a touch key and alice has none: make a touch key with ssh-keygen -t ed25519-sk and add its .pub line to approvers.alice.keys',
      ],
    ],
    [
      'more than four who would have to do it together',
      {
        approvers: Object.fromEntries(five.map((name) => [name, person(name)])),
        commits: five.map((one) => commit(...five.filter((name) => name !== one))),
      },
      [
        'every approver wrote part of this deploy, and more than 4 people would have to ' +
          'approve it together: add another person under "approvers:"',
      ],
    ],
    [
      'one key under two names',
      { approvers: { alice, bob: person('bob', { keys: alice.keys }) } },
      ['alice and bob have the same key, but each person needs a key of their own'],
    ],
    [
      "an agent with a person's key",
      { requesters: { ci: person('ci', { keys: [`${alice.keys[0]} laptop`] }) } },
      ['alice and ci have the same key, but each person needs a key of their own'],
    ],
  ])('%s', (_, over, reasons) => {
    expect(impossible(over)).toEqual(reasons);
  });

  test('an automatic environment needs nobody', () => {
    expect(rule({ environment: 'staging', approvers: {} })).toMatchObject({ required: 0 });
  });
});

describe('solo mode', () => {
  const touchKey = person('alice', { keys: ['sk-ssh-ed25519@openssh.com AAAAalice laptop'] });

  test('one human requests, writes and approves, and it is said loudly', () => {
    const over = {
      approvers: { alice: touchKey },
      requestedBy: 'alice',
      solo: 'touch-key' as const,
    };
    expect(rule(over)).toEqual({
      required: 1,
      reasons: [
        'production always needs a human',
        'SOLO MODE (touch-key): alice requests, writes and approves alone; this is recorded',
      ],
      eligible: ['alice'],
      notAlone: [],
      solo: 'touch-key',
    });
  });

  test('where two are wanted a second confirmation follows', () => {
    const over = { approvers: { alice }, override: 2 as const, solo: 'file-key' as const };
    expect(rule(over)).toMatchObject({ required: 2, solo: 'file-key' });
    expect(rule(over).reasons.at(-1)).toBe('a second confirmation follows after the cool-off');
  });

  test('is off as soon as there are two humans', () => {
    expect(rule({ solo: 'file-key' })).toMatchObject({
      solo: 'off',
      notAlone: [['alice']],
      reasons: [
        'production always needs a human',
        '"solo: file-key" has no effect: 2 approvers are configured',
      ],
    });
  });
});

describe('a role', () => {
  const robin = person('robin', { roles: ['dba'] });
  const why = 'two approvers, one of them dba: the deploy changes schema migrations (1.sql)';
  const demands = [{ required: 2 as const, why, role: 'dba' }];
  const one = [
    { required: 1 as const, why: 'a human who is dba: the deploy changes x', role: 'dba' },
  ];
  const all = { approvers: { alice, bob, robin }, commits: [commit('someone@bots.example')] };
  const bots = ['someone@bots.example'];

  test('is asked of one of those who approve', () => {
    expect(rule({ ...all, bots, demands })).toEqual({
      required: 2,
      reasons: ['production always needs a human', why],
      eligible: ['alice', 'bob', 'robin'],
      notAlone: [],
      solo: 'off',
      roles: [{ name: 'dba', people: ['robin'] }],
    });
  });

  test('leaves only those who have it where one is enough', () => {
    expect(rule({ ...all, bots, demands: one })).toMatchObject({
      required: 1,
      eligible: ['robin'],
    });
  });

  test('is asked with another person beside, where whoever has it asked for the deploy', () => {
    expect(rule({ ...all, bots, demands: one, requestedBy: 'robin' })).toMatchObject({
      required: 2,
      reasons: [
        'production always needs a human',
        'a human who is dba: the deploy changes x',
        'one person is not enough, because nobody has the required role (dba) and may approve alone',
      ],
      eligible: ['alice', 'bob', 'robin'],
      notAlone: [['robin']],
    });
  });

  test('is none where nothing asks for it, whoever has it', () => {
    expect(rule({ ...all, bots })).not.toHaveProperty('roles');
  });

  test('that nobody has keeps everything closed, also in an automatic environment and alone', () => {
    const text =
      'the role dba is required and nobody has it: add "roles: [dba]" to a person under ' +
      '"approvers:"';
    const without = { approvers: { alice, bob }, bots, commits: all.commits };
    expect(impossible({ ...without, demands })).toEqual([text, why]);
    const staging = { ...without, environment: 'staging', demands: one };
    expect(impossible(staging)).toEqual([text, one[0]?.why]);
    const alone = { ...without, approvers: { alice }, solo: 'file-key' as const, demands: one };
    expect(impossible(alone)).toEqual([text, one[0]?.why]);
  });

  test("is not an agent's, whatever it is called", () => {
    const agent = { approvers: { alice, bob, robin }, requesters: { robin }, bots };
    expect(impossible({ ...agent, commits: all.commits, demands })[0]).toMatch(
      /^the role dba is required and nobody has it: /,
    );
  });

  test('is met by the one human of solo mode who has it', () => {
    const alone = { approvers: { robin }, bots, commits: all.commits, demands: one };
    expect(rule({ ...alone, solo: 'file-key' })).toMatchObject({ solo: 'file-key', required: 1 });
  });
});
