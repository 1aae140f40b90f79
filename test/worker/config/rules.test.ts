import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { addressHint } from '../../../domain/platforms/vps/address.ts';
import { parseConfig } from '../../../worker/config/config.ts';

const key = (letter: string) =>
  `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA${letter.repeat(42).slice(0, 42)}`;

const host = (address = 'deploy@127.0.0.1:2222') => ({
  address,
  hostKey: `SHA256:${'x'.repeat(43)}`,
  url: 'http://127.0.0.1:8080',
});
const environment = (changes: object = {}) => ({
  platform: 'vps',
  hosts: [host()],
  directory: '/srv/shop',
  service: 'shop',
  health: 'http://localhost:3000/healthz',
  smoke: { auth: '/login', payments: 'n/a: nothing is sold', core: '/' },
  ...changes,
});
const project = (environments: object = { production: environment() }, changes: object = {}) => ({
  repository: 'http://127.0.0.1:3001/shop.git',
  tests: { required: ['test'] },
  environments,
  ...changes,
});
const people = {
  ana: { keys: [key('A')], emails: ['ana@example.com'] },
  ben: { keys: [key('B')], emails: ['ben@example.com'] },
};
const base = { approvers: people, authorship: 'git', projects: { shop: project() } };

/**
 * Returns the problems that `parseConfig` reports for a configuration, one text for each problem.
 */
function problems(config: object): string[] {
  try {
    parseConfig(stringify({ ...base, ...config }), 'p.yaml');
    return [];
  } catch (error) {
    return (error as Error).message
      .split('\n\n')
      .slice(1, -1)
      .map((block) => block.replace(/^\S+ {2}/, ''));
  }
}

const production = 'projects.shop.environments.production';
const environments = (changes: object) => ({
  projects: { shop: project({ production: environment(changes) }) },
});

describe('the tests gate', () => {
  const said = (tests: object) => {
    const whole = { required: ['test'], ...tests };
    return problems({ projects: { shop: project(undefined, { tests: whole }) } });
  };

  it('waits between 0 and 15 minutes', () => {
    expect([0, 15].flatMap((waitMinutes) => said({ waitMinutes }))).toEqual([]);
    expect(said({ waitMinutes: 16 })).toEqual([
      'projects.shop.tests.waitMinutes\n  Too big: expected number to be <=15.',
    ]);
    expect(said({ waitMinutes: -1 })).toEqual([
      'projects.shop.tests.waitMinutes\n  Too small: expected number to be >=0.',
    ]);
  });

  it('ignores a check only with a reason, and no check that is required', () => {
    expect(said({ ignore: [{ check: 'lint*', reason: 'only style' }] })).toEqual([]);
    expect(said({ ignore: [{ check: 'lint*' }] })).toEqual([
      'projects.shop.tests.ignore.0.reason\n  The key "reason" is missing.',
    ]);
    expect(said({ ignore: [{ check: 'te*', reason: 'only style' }] })).toEqual([
      'projects.shop.tests.ignore\n  A check under "required" cannot be ignored as well.',
    ]);
  });
});

describe('the sources of a watch', () => {
  it('are required or advisory, and probes are always required', () => {
    const watch = (sources: object) => environments({ watch: { sources } });
    expect(problems(watch({ probes: 'required', 'error-log': 'advisory' }))).toEqual([]);
    expect(problems(watch({ probes: 'advisory', 'error-log': 'maybe' }))).toEqual([
      `${production}.watch.sources.probes\n  Use one of: required.`,
      `${production}.watch.sources.error-log\n  Use one of: required, advisory.`,
    ]);
  });
});

describe('approvals by what changes', () => {
  const rules = (...list: object[]) =>
    problems({ projects: { shop: project(undefined, { rules: list }) } });
  const prices = { name: 'prices', paths: ['src/prices/*'] };

  it('name paths, content, or both', () => {
    expect(rules(prices, { name: 'x', content: ['unitPrice'], approvers: 1 })).toEqual([]);
    expect(rules({ name: 'x' })).toEqual([
      'projects.shop.rules.0\n  Name paths, content, or both.',
    ]);
  });

  it('begin at the root of the repository, and ask for one or two', () => {
    expect(rules({ ...prices, paths: ['/etc/*'] })).toEqual([
      'projects.shop.rules.0.paths.0\n  Use a path from the root of the repository, in which "*" stands for any text.',
    ]);
    expect(rules({ ...prices, approvers: 3 })).toEqual([
      'projects.shop.rules.0.approvers\n  Use one of: 1, 2.',
    ]);
  });
});

describe('an order of environments', () => {
  it('is checked when the file is read', () => {
    expect(problems(environments({ after: 'staging' }))).toEqual([
      `${production}.after\n  There is no environment of shop called "staging".\n  Configured: production.`,
    ]);
    expect(problems(environments({ after: ['staging'] }))).toEqual([
      `${production}.after\n  Expected a text.`,
    ]);
  });
});

describe('a deploy that begins by itself', () => {
  const agent = { agent: { keys: [key('C')] } };
  const signed = (as: string) => ({
    requesters: agent,
    requests: { as, key: '/etc/plimsoll/key' },
  });

  it('is requested by a requester whose key the worker has', () => {
    const polled = environments({ deployOn: 'push', pollMinutes: 5 });
    expect(problems({ ...polled, ...signed('agent') })).toEqual([]);
    expect(problems(polled)).toEqual([
      `${production}.deployOn
  These deploys have no requester: a request must be signed, and the worker has no key for it.
  Add requests: { as: NAME, key: PATH } at the top, with a name under requesters.`,
    ]);
  });

  it('is never requested by a person who may approve, nor without a requester', () => {
    expect(problems(signed('ana'))).toEqual([
      `requests.as
  ana is an approver, and a key that is stored on the worker must not be able to approve.
  Give the worker a name and a key of its own under requesters.`,
    ]);
    expect(problems(signed('agnet'))).toEqual([
      `requests.as
  There is no requester "agnet". Did you mean "agent"?
  Configured: agent.`,
    ]);
  });

  it('begins by a push and nothing else, and polls every 1 to 60 minutes', () => {
    expect(problems(environments({ pollMinutes: 5 }))).toEqual([
      `${production}.pollMinutes
  pollMinutes has no effect without deployOn: push.
  Add deployOn: push, or remove pollMinutes.`,
    ]);
    const [on, minutes] = problems(environments({ deployOn: 'tag', pollMinutes: 0 }));
    expect(on).toBe(`${production}.deployOn\n  Use one of: push.`);
    expect(minutes).toMatch(/pollMinutes\n  Too small: expected number to be >=1\.$/);
  });
});

describe('what is restarted', () => {
  const words =
    ' of service, container and compose is set. ' +
    'Set exactly one, so that it is clear what a deploy restarts.\n' +
    '  Use service: for a systemd unit, container: for docker restart, compose: for docker compose up.';

  it('is one of unit, container and compose', () => {
    expect(problems(environments({ service: undefined, container: 'shop' }))).toEqual([]);
    expect(problems(environments({ service: undefined, compose: { service: 'web' } }))).toEqual([]);
    expect(problems(environments({ service: undefined }))).toEqual([
      `${production}\n  None${words}`,
    ]);
    expect(problems(environments({ container: 'shop' }))).toEqual([
      `${production}\n  More than one${words}`,
    ]);
  });

  it('has names that may be sent to a host', () => {
    const compose = { service: '$(x)', file: '../up.yaml', project: 'Shop', tag: 'image tag' };
    expect(problems(environments({ service: undefined, compose }))).toEqual([
      expect.stringContaining('Use the name of a service in the compose file'),
      expect.stringContaining('Use a path below the repository'),
      expect.stringContaining('Use lower case letters, digits, "_" or "-"'),
      expect.stringContaining('Use the name of a variable'),
    ]);
    expect(problems(environments({ service: undefined, container: '-x' }))).toEqual([
      expect.stringContaining('Use the name of a container'),
    ]);
  });
});

describe('a cost', () => {
  const cost = { perDeploy: 50 };

  it('that no budget weighs is an error in each environment', () => {
    const elsewhere = { cost, directory: '/srv/staging', service: 'staging' };
    const both = { production: environment({ cost }), staging: environment(elsewhere) };
    const unweighed = (name: string) =>
      `projects.shop.environments.${name}.cost\n` +
      '  There is no "budget:", so this cost is never counted, and no human is asked about an expensive deploy.\n' +
      '  Add "budget: {}" at the top (limits: $20 a day, $1,000 a month, and $5 for a deploy that no human approves), or remove "cost".';
    expect(problems({ projects: { shop: project(both) } })).toEqual([
      unweighed('production'),
      unweighed('staging'),
    ]);
  });

  it('beside a budget is none, and neither is a budget without a cost', () => {
    expect(problems({ budget: {}, ...environments({ cost }) })).toEqual([]);
    expect(problems({ budget: {} })).toEqual([]);
  });
});

describe('a sandbox', () => {
  it('is refused with a summary of costs elsewhere', () => {
    const budget = { summary: { url: 'https://costs.example/summary' } };
    expect(problems({ sandbox: true, budget }).join('\n')).toContain(
      'sandbox: true is allowed only if every address is loopback, and https://costs.example/summary is not.',
    );
  });

  it('is legal when everything is loopback', () => {
    const endpoints = {
      github: { api: 'http://127.0.0.1:1', token: 'env:T' },
      slack: { api: 'http://[::1]:2/', token: 'env:T' },
    };
    expect(problems({ sandbox: true, timeScale: 60, ...endpoints })).toEqual([]);
  });

  it.each([
    [{ github: { token: 'env:T' } }, 'github.api', 'https://api.github.com'],
    [{ slack: { token: 'env:T' } }, 'slack.api', 'https://slack.com/api/'],
    [
      { projects: { shop: project(undefined, { repository: 'git@github.com:a/b.git' }) } },
      'projects.shop.repository',
      'git@github.com:a/b.git',
    ],
    [
      environments({ hosts: [host('deploy@10.0.0.1')] }),
      `${production}.hosts.0.address`,
      'deploy@10.0.0.1',
    ],
    [
      environments({ dependencies: ['https://pay.example/health'] }),
      `${production}.dependencies.0`,
      'https://pay.example/health',
    ],
    [
      environments({ hosts: [{ ...host(), url: 'http://127.0.0.1.evil.example' }] }),
      `${production}.hosts.0.url`,
      'http://127.0.0.1.evil.example',
    ],
    [
      environments({ health: 'http://0.0.0.0:3000/' }),
      `${production}.health`,
      'http://0.0.0.0:3000/',
    ],
  ])('is refused with %j', (config, path, value) => {
    expect(problems({ sandbox: true, ...config })).toEqual([
      `${path}\n  sandbox: true is allowed only if every address is loopback, and ${value} is not.\n` +
        '  Use 127.0.0.1, or remove sandbox: true.',
    ]);
  });

  it('alone may scale time', () => {
    expect(problems({ timeScale: 60 })).toEqual([
      'timeScale\n  Only a sandbox may scale time. In production, a watch takes its full time.\n' +
        '  Remove timeScale, or set sandbox: true if every address is loopback.',
    ]);
  });
});

describe('an address', () => {
  it('may not carry a password, and the password is not repeated', () => {
    const repository = 'https://ana:hunter2@github.com/a/b.git';
    const refused = problems({
      sandbox: true,
      projects: { shop: project(undefined, { repository }) },
    });
    expect(refused).toContain(
      'projects.shop.repository\n  This address contains a user name or password, which would be written to histories.\n' +
        '  Remove both. Put a token into the environment (env:NAME), and use a key for ssh.',
    );
    expect(refused.join()).not.toContain('hunter2');
  });

  it('is listed once in an environment', () => {
    expect(
      problems(environments({ hosts: [host('a@127.0.0.1'), host('b@127.0.0.1:22')] })),
    ).toEqual([
      `${production}.hosts.1.address\n  127.0.0.1:22 is listed twice in this environment, first at ${production}.hosts.0.\n` +
        '  Remove one of the two entries.',
    ]);
  });

  it.each([
    ['directory', '/srv/shop', { service: 'other' }],
    ['service', 'shop', { directory: '/srv/other' }],
  ])('gives its %s to one environment only', (kind, value, changes) => {
    const both = project({ production: environment(), staging: environment(changes) });
    expect(problems({ projects: { shop: both } })).toEqual([
      `projects.shop.environments.staging.hosts.0.address\n  The ${kind} ${value} on 127.0.0.1:2222 belongs to ${production}.hosts.0 already: two deploys would overwrite each other.\n` +
        '  Give each environment its own directory and service.',
    ]);
  });

  it.each([
    ['deploy@2001:db8::1'],
    ['deploy@shop:99999'],
    ['deploy@shop:0'],
    ['-oProxyCommand=x@shop'],
    ['deploy@-oProxyCommand=x'],
    ['a;b@shop'],
    ['deploy@'],
  ])('%s is refused', (address) => {
    expect(problems(environments({ hosts: [host(address)] }))).toEqual([
      `${production}.hosts.0.address\n  Use${addressHint.slice(3)}.`,
    ]);
  });
});

describe('a pattern of the access log', () => {
  const said = (accessLog: string) => problems(environments({ watch: { accessLog } }));

  it.each(['', '(', '(?=GET)', '\\bGET', '(GET){2}', 'a+?', 'größe', 'a\nb'])(
    'that no host can read is refused: %j',
    (accessLog) => {
      expect(said(accessLog)).toEqual([
        `${production}.watch.accessLog\n  Plimsoll cannot count requests with this pattern.\n` +
          "  Use letters, digits, \\d, \\s, \\w, [ ], ( ), |, *, + and ?, such as '\"(GET|POST) '. " +
          'Not every awk reads look-ahead, \\b, or lazy or counted groups.',
      ]);
    },
  );

  it.each(['HTTP/1.1"', '^GET ', '"(GET|POST) \\S+" \\d{3}'])('may be %s', (accessLog) => {
    expect(said(accessLog)).toEqual([]);
  });
});

describe('a compose service', () => {
  const said = (directory: string, compose: object = {}) =>
    problems(
      environments({ directory, service: undefined, compose: { service: 'web', ...compose } }),
    );

  it('needs a project name, from its directory or its own', () => {
    expect(said('/srv/@')).toEqual([
      `${production}.compose\n  docker compose finds no project name in /srv/@, because its last ` +
        'part has no letter and no digit.\n  Set compose.project, such as project: shop.',
    ]);
    expect(said('/srv/@', { project: 'shop' })).toEqual([]);
    expect(said('/srv/_SHOP.Web')).toEqual([]);
  });
});

describe('an environment', () => {
  it('has at least one path that can be proven', () => {
    const none = 'n/a: nothing';
    expect(problems(environments({ smoke: { auth: none, payments: none, core: none } }))).toEqual([
      `${production}.smoke\n  Every path is n/a: nothing could ever prove a release healthy.\n` +
        '  Name at least one path that answers when the service works, such as core: /',
    ]);
  });

  it.each(['/', '//', '/srv/../etc'])('does not live in %s', (directory) => {
    expect(problems(environments({ directory }))).toEqual([
      `${production}.directory\n  Use a directory that only this service has, without "..", such as /srv/shop.`,
    ]);
  });

  it('may differ by host in its directory and health, under the same rules', () => {
    const hosts = [{ ...host(), directory: '/srv/../etc', health: 'http://10.0.0.1/' }];
    expect(problems({ sandbox: true, ...environments({ hosts }) })).toEqual([
      `${production}.hosts.0.directory\n  Use a directory that only this service has, without "..", such as /srv/shop.`,
      `${production}.hosts.0.health\n  sandbox: true is allowed only if every address is loopback, and http://10.0.0.1/ is not.\n  Use 127.0.0.1, or remove sandbox: true.`,
    ]);
  });
});

describe('people', () => {
  const agent = (person: object) => ({ requesters: { agent: person } });

  it('have keys of their own, whatever the comment says', () => {
    expect(problems(agent({ keys: [`${key('A')} agent`] }))).toEqual([
      'requesters.agent.keys.0\n  This key already belongs to approvers.ana: one key would count as two people.\n' +
        '  Make a separate key for each person: ssh-keygen -t ed25519',
    ]);
    expect(problems({ approvers: { ...people, ben: { keys: [key('A')] } } })).toHaveLength(1);
  });

  it('are one approver each', () => {
    const ben = { ...people.ben, emails: ['ANA@example.com'] };
    expect(problems({ approvers: { ...people, ben } })).toEqual([
      'approvers.ben\n  ANA@example.com already belongs to ana: one person would count as two approvers.\n' +
        '  Keep the identity under one of these two names.',
    ]);
  });

  it('have one role', () => {
    expect(problems({ requesters: { ana: { keys: [key('C')] } } })).toEqual([
      'requesters.ana\n  ana is an approver, and approvers may request deploys too.\n' +
        '  Remove this entry, or give the agent a name of its own.',
    ]);
  });

  it('have a key that is not revoked', () => {
    const lost = `valid-after="20260101" ${key('B')} lost`;
    const ben = { ...people.ben, keys: [lost] };
    const every = { approvers: { ...people, ben }, revoked: [key('B')] };
    expect(problems(every)).toEqual([
      'approvers.ben.keys\n  Every key of ben is revoked: nothing that ben signs would count.\n' +
        '  Add the .pub line of a new key (ssh-keygen -t ed25519), or remove the person.',
    ]);
    const fresh = { ...ben, keys: [lost, key('C')] };
    expect(problems({ ...every, approvers: { ...people, ben: fresh } })).toEqual([]);
    expect(problems({ revoked: ['SHA256:short'] })).toEqual([
      'revoked.0\n  Use a fingerprint (SHA256:…), a line of a .pub file, or the path of a key revocation list.',
    ]);
  });

  it('are no bots', () => {
    expect(problems({ bots: ['Ana@example.com'] })).toEqual([
      'bots.0\n  Ana@example.com is the email of the approver ana, who could then approve their own commits.\n  Remove the email here.',
    ]);
  });
});

describe('an approval rule that nobody can meet', () => {
  const alone = { approvers: { ana: people.ana } };

  it.each([
    [{ approvers: {} }, 'no approver is configured: add a person with a key under "approvers:"'],
    [
      alone,
      'ana requested the deploy or wrote its commits, so another approver is required: add a second ' +
        'person under "approvers:", or set "solo: touch-key"',
    ],
    [
      { ...alone, ...environments({ approvers: 2 }) },
      '2 approvers are required and only ana is configured: add a second person under ' +
        '"approvers:", or set "solo: touch-key"',
    ],
    [
      { ...alone, solo: 'touch-key' },
      '"solo: touch-key" needs a touch key and ana has none: make a touch key with ssh-keygen -t ed25519-sk and add its .pub line to approvers.ana.keys',
    ],
  ])('is an error: %j', (config, why) => {
    expect(problems(config)).toEqual([
      `${production}\n  No deploy to production could ever be approved: ${why}.`,
    ]);
  });

  it('is met by one human with an agent, by two humans, and in solo mode', () => {
    expect(problems({ ...alone, requesters: { agent: { keys: [key('C')] } } })).toEqual([]);
    expect(problems({})).toEqual([]);
    expect(problems({ ...alone, solo: 'file-key' })).toEqual([]);
  });

  it('is none where an environment is automatic', () => {
    const staging = project({ staging: environment() });
    expect(problems({ ...alone, projects: { shop: staging } })).toEqual([]);
  });
});

it('the base of these tests is what it seems', () => {
  expect(parse(stringify(base))).toEqual(base);
});

describe('a role', () => {
  const asks = (changes: object) => ({ projects: { shop: project(undefined, changes) } });
  const rules = [{ name: 'prices', paths: ['prices/*'], role: 'buyer' }];

  it('that nobody has is an error wherever it is required', () => {
    const nobody = (path: string, role: string) =>
      `projects.shop.${path}\n  Nobody under "approvers:" has the role ${role}: a change that needs this role could never be approved.\n` +
      `  Add "roles: [${role}]" to a person, or remove the role here.`;
    expect(problems(asks({ rules, roles: { migrations: 'dba' } }))).toEqual([
      nobody('rules.0.role', 'buyer'),
      nobody('roles.migrations', 'dba'),
    ]);
  });

  it('that an approver has is none', () => {
    const approvers = { ...people, ben: { ...people.ben, roles: ['buyer', 'dba'] } };
    const all = { approvers, ...asks({ rules, roles: { migrations: 'dba' } }) };
    expect(problems(all)).toEqual([]);
  });

  it('is nothing that an agent has, and no kind has one that is not known', () => {
    const agent = { keys: [key('C')], roles: ['dba'] };
    expect(problems({ requesters: { agent } })[0]).toMatch(/^requesters\.agent(\.roles)?\n/);
    expect(problems(asks({ roles: { prices: 'dba' } }))[0]).toMatch(
      /^projects\.shop\.roles(\.prices)?\n/,
    );
  });
});

describe('rights in single projects', () => {
  it('name projects that exist', () => {
    const approvers = { ...people, ben: { ...people.ben, projects: ['shpo'] } };
    expect(problems({ approvers })).toEqual([
      'approvers.ben.projects.0\n  There is no project "shpo". Did you mean "shop"?\n  Configured: shop.',
    ]);
  });

  it('leave somebody who can approve, and somebody who can deploy on a push', () => {
    const blog = project(undefined, { repository: 'http://127.0.0.1:3001/blog.git' });
    const all = Object.entries(people).map(([name, one]) => [name, { ...one, projects: ['blog'] }]);
    const approvers = Object.fromEntries(all);
    const projects = { shop: project(undefined), blog };
    expect(problems({ approvers, projects })[0]).toMatch(
      /^projects\.shop\.environments\.\w+\n  No deploy to \w+ could ever be approved: no approver has rights in shop/,
    );
    const ci = { keys: [key('C')], projects: ['blog'] };
    const pushed = project({ production: environment({ deployOn: 'push' }) });
    const requests = { as: 'ci', key: '/etc/plimsoll/ci' };
    const told = problems({ requesters: { ci }, requests, projects: { shop: pushed, blog } });
    expect(told[0]).toMatch(
      /These deploys have no requester: ci has no rights in the project shop/,
    );
  });
});

describe('the quorum is found in a moment because its sizes are bounded', () => {
  const crowd = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `person${index}`,
        { keys: [key(String(index).padStart(3, '0'))], emails: [`p${index}@example.com`] },
      ]),
    );
  const asking = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...{ name: `rule${index}`, paths: ['prices/*'], role: `role${index}` },
    }));
  const dba = (count: number) => ({
    approvers: { ...people, ben: { ...people.ben, roles: ['dba'] } },
    projects: { shop: project(undefined, { rules: asking(count), roles: { migrations: 'dba' } }) },
  });

  it('two hundred people may approve, and no more', () => {
    expect(problems({ approvers: crowd(200) })).toEqual([]);
    expect(problems({ approvers: crowd(201) })).toEqual([
      'approvers\n  At most 200 people may approve: remove people who no longer approve.',
    ]);
  });

  it('ten different roles may be asked for in a project, and no more', () => {
    expect(problems(dba(9)).join()).not.toContain('different roles');
    expect(problems(dba(10))).toEqual([
      'projects.shop.rules\n  ' +
        'The rules of one project may ask for at most 10 different roles: use the same role in several rules.',
    ]);
  });
});

describe('the authors of commits', () => {
  const { authorship: _, ...team } = base;
  const said = (config: object) => {
    const { authorship, ...rest } = config as { authorship?: string };
    return problems({ authorship: undefined, ...rest, ...(authorship ? { authorship } : {}) });
  };
  const github = { token: 'env:GITHUB_TOKEN' };
  const at = { projects: { shop: { ...project(), github: 'acme/shop' } } };
  const others =
    'Or write "authorship: signature" if people sign their commits with the keys in this file, or ' +
    '"authorship: git" to trust the names in the commits. With "authorship: git", every plan shows a warning.';

  it('need a source where two people may approve', () => {
    expect(said(team)).toEqual([
      'projects.shop\n  Nobody verifies who wrote the commits: an author can write any name into a commit, ' +
        'and then approve it.\n  Add "github: { token: env:GITHUB_TOKEN }" if the repository is at ' +
        `GitHub. ${others}`,
    ]);
    expect(said({ github })).toHaveLength(1);
    expect(said(at)).toHaveLength(1);
  });

  it('have one with a token, in a sandbox, and where one human is alone', () => {
    expect(said({ github, ...at })).toEqual([]);
    expect(said({ sandbox: true })).toEqual([]);
    expect(said({ approvers: { ana: people.ana }, requesters: { ci: people.ben } })).toEqual([]);
    for (const authorship of ['git', 'signature']) {
      expect(said({ authorship })).toEqual([]);
      expect(said({ projects: { shop: { ...project(), authorship } } })).toEqual([]);
    }
  });

  it('can be read from GitHub only with a token and a repository there', () => {
    expect(said({ authorship: 'github' })).toEqual([
      'authorship\n  "authorship: github" needs a token of GitHub, and there is none.\n' +
        `  Add "github: { token: env:GITHUB_TOKEN }". ${others}`,
    ]);
    expect(said({ authorship: 'github', github })).toEqual([
      'projects.shop\n  "authorship: github" needs the repository of the project at GitHub, and there is ' +
        `none.\n  Add "github: owner/name" to the project. ${others}`,
    ]);
  });

  it('may be accounts of GitHub Apps', () => {
    const asGitShowsThem = [
      ...['49699333+dependabot[bot]@users.noreply.github.com', 'plimsoll@localhost', 'root@vps1'],
      ...['dependabot[bot]', 'bot@example.com'],
    ];
    expect(problems({ bots: asGitShowsThem })).toEqual([]);
    expect(problems({ bots: ['dependabot'] })).toEqual([
      'bots.0\n  Use the email address of a bot, or the account of a GitHub App such as dependabot[bot].',
    ]);
  });
});

describe('builds', () => {
  it('at a builder need the directory that both share, and only then', () => {
    expect(problems({ builds: { isolation: 'builder' } })).toEqual([
      expect.stringContaining(
        'isolation: builder needs the directory that the worker shares with the builder.',
      ),
    ]);
    expect(problems({ builds: { directory: '/builds' } })).toEqual([
      expect.stringContaining('directory is used only with isolation: builder.'),
    ]);
    expect(problems({ builds: { isolation: 'builder', directory: '/builds' } })).toEqual([]);
  });
});
