import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseConfig } from '../../worker/config.ts';

const key = (letter: string) => `ssh-ed25519 ${letter.repeat(68)}`;

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
const base = { approvers: people, projects: { shop: project() } };

/** The problems alone, one string each. */
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
      'projects.shop.rules.0\n  Name what it is about: paths, content, or both.',
    ]);
  });

  it('begin at the root of the repository, and ask for one or two', () => {
    expect(rules({ ...prices, paths: ['/etc/*'] })).toEqual([
      'projects.shop.rules.0.paths.0\n  Use a path from the root of the repository, "*" being any text.',
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

  it('is asked for by a requester whose key the worker has', () => {
    const polled = environments({ deployOn: 'push', pollMinutes: 5 });
    expect(problems({ ...polled, ...signed('agent') })).toEqual([]);
    expect(problems(polled)).toEqual([
      `${production}.deployOn
  Nobody would ask for these deploys: a request is signed, and the worker has no key for it.
  Add requests: { as: NAME, key: /path } at the top, with a name under requesters.`,
    ]);
  });

  it('is never asked for by somebody who may approve, nor by nobody', () => {
    expect(problems(signed('ana'))).toEqual([
      `requests.as
  ana is an approver, and a key that lies on the worker must not be able to approve.
  Give the worker a name and a key of its own under requesters.`,
    ]);
    expect(problems(signed('agnet'))).toEqual([
      `requests.as
  There is no requester "agnet". Did you mean "agent"?
  Configured: agent.`,
    ]);
  });

  it('begins by a push and nothing else, and looks every 1 to 60 minutes', () => {
    expect(problems(environments({ pollMinutes: 5 }))).toEqual([
      `${production}.pollMinutes
  Nothing is polled here: pollMinutes belongs to deployOn: push.
  Add that, or remove this.`,
    ]);
    const [on, minutes] = problems(environments({ deployOn: 'tag', pollMinutes: 0 }));
    expect(on).toBe(`${production}.deployOn\n  Use one of: push.`);
    expect(minutes).toMatch(/pollMinutes\n  Too small: expected number to be >=1\.$/);
  });
});

describe('what is restarted', () => {
  const words =
    ' of service, container and compose is set, and one of them says what is restarted.\n' +
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
      '  There is no "budget:", so this cost is never counted: nobody is asked, however much a deploy costs.\n' +
      '  Add "budget: {}" at the top ($20 a day, $1,000 a month, a human above $5 a deploy), or remove "cost".';
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
      'sandbox: true is legal only if every address is loopback, and https://costs.example/summary is not.',
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
      `${path}\n  sandbox: true is legal only if every address is loopback, and ${value} is not.\n` +
        '  Use 127.0.0.1, or remove sandbox: true.',
    ]);
  });

  it('alone may scale time', () => {
    expect(problems({ timeScale: 60 })).toEqual([
      'timeScale\n  Only a sandbox may scale time: production watches the full 15 and 30 minutes.\n' +
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
        '  Remove it; a token belongs into the environment (env:NAME), a key into ssh.',
    );
    expect(refused.join()).not.toContain('hunter2');
  });

  it('is listed once in an environment', () => {
    expect(
      problems(environments({ hosts: [host('a@127.0.0.1'), host('b@127.0.0.1:22')] })),
    ).toEqual([
      `${production}.hosts.1.address\n  127.0.0.1:22 is listed twice in this environment; the first is ${production}.hosts.0.\n` +
        '  Remove one of them.',
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
    ['deploy@2001:db8::1', 'An IPv6 address stands in brackets: user@[2001:db8::1]:22.'],
    ['deploy@shop:99999', 'A port is between 1 and 65535.'],
  ])('%s is refused', (address, what) => {
    expect(problems(environments({ hosts: [host(address)] }))).toEqual([
      `${production}.hosts.0.address\n  ${what}`,
    ]);
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
      `${production}.directory\n  Use a directory of its own, without "..", such as /srv/shop.`,
    ]);
  });

  it('may differ by host in its directory and health, under the same rules', () => {
    const hosts = [{ ...host(), directory: '/srv/../etc', health: 'http://10.0.0.1/' }];
    expect(problems({ sandbox: true, ...environments({ hosts }) })).toEqual([
      `${production}.hosts.0.directory\n  Use a directory of its own, without "..", such as /srv/shop.`,
      `${production}.hosts.0.health\n  sandbox: true is legal only if every address is loopback, and http://10.0.0.1/ is not.\n  Use 127.0.0.1, or remove sandbox: true.`,
    ]);
  });
});

describe('people', () => {
  const agent = (person: object) => ({ requesters: { agent: person } });

  it('have keys of their own, whatever the comment says', () => {
    expect(problems(agent({ keys: [`${key('A')} agent`] }))).toEqual([
      'requesters.agent.keys.0\n  This key is that of approvers.ana already: one key would speak for two.\n' +
        '  Make one key for each: ssh-keygen -t ed25519',
    ]);
    expect(problems({ approvers: { ...people, ben: { keys: [key('A')] } } })).toHaveLength(1);
  });

  it('are one approver each', () => {
    const ben = { ...people.ben, emails: ['ANA@example.com'] };
    expect(problems({ approvers: { ...people, ben } })).toEqual([
      "approvers.ben\n  ANA@example.com is ana's already: one person would count as two approvers.\n" +
        '  Keep it with one of them.',
    ]);
  });

  it('have one role', () => {
    expect(problems({ requesters: { ana: { keys: [key('C')] } } })).toEqual([
      'requesters.ana\n  ana is an approver, who may request as well.\n' +
        '  Remove it here, or give the agent its own name.',
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
      'revoked.0\n  Use SHA256:… as ssh-keygen -lf prints it, a line of a .pub file, or the path of a KRL.',
    ]);
  });

  it('are no bots', () => {
    expect(problems({ bots: ['Ana@example.com'] })).toEqual([
      'bots.0\n  Ana@example.com is the approver ana, who could then approve their own commits.\n  Remove it here.',
    ]);
  });
});

describe('an approval rule that nobody can meet', () => {
  const alone = { approvers: { ana: people.ana } };

  it.each([
    [
      { approvers: {} },
      'nobody is configured who may approve: add a person with a key under "approvers:"',
    ],
    [
      alone,
      'ana requested it or wrote its commits, and nobody approves that alone: add a second person under "approvers:", or set "solo: touch-key"',
    ],
    [
      { ...alone, ...environments({ approvers: 2 }) },
      '2 approvers are needed and only ana is there: add a second person under "approvers:", or set "solo: touch-key"',
    ],
    [
      { ...alone, solo: 'touch-key' },
      '"solo: touch-key" needs a touch key and ana has none: make one with ssh-keygen -t ed25519-sk and add its .pub line to keys',
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

  it('that nobody has is an error wherever it is asked for', () => {
    const nobody = (path: string, role: string) =>
      `projects.shop.${path}\n  Nobody under "approvers:" has the role ${role}: what asks for it could never be approved.\n` +
      `  Add "roles: [${role}]" to a person, or remove it here.`;
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
