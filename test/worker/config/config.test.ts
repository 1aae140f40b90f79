import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadConfig, parseConfig } from '../../../worker/config/config.ts';
import { temporary } from '../../bin/fake-command.ts';
import { configSchema, unexplained } from '../../support/config-schema.ts';

const file = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const example = readFileSync(file('examples/plimsoll.yaml'), 'utf8');

const key = (letter: string) =>
  `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA${letter.repeat(42).slice(0, 42)}`;

const first = `
approvers:
  ana: { keys: [${key('A')}], emails: [ana@example.com] }
solo: file-key
projects:
  shop:
    repository: git@github.com:ana/shop.git
    tests: { required: [test] }
    environments:
      production: { platform: vps, directory: /srv/shop, service: shop, health: 'http://127.0.0.1:3000/',
        hosts: [{ address: deploy@shop.example, hostKey: 'SHA256:${'x'.repeat(43)}', url: 'https://shop.example' }],
        smoke: { auth: /login, payments: 'n/a: nothing is sold', core: / } }
`.trimStart();

const footer = `

See every key with its meaning: plimsoll schema --example
To check the file while you type: plimsoll schema > plimsoll.schema.json
Then write this as the first line of plimsoll.yaml:
# yaml-language-server: $schema=./plimsoll.schema.json`;

const refusal = (text: string): string => {
  try {
    parseConfig(text, 'plimsoll.yaml');
  } catch (error) {
    expect(error).toMatchObject({ name: 'UserError', exitCode: 2 });
    return (error as Error).message;
  }
  return 'accepted';
};

const oneProblem = (problem: string) =>
  `plimsoll.yaml cannot be used: one problem. Nothing was started.\n\n${problem}${footer}`;

describe('the example', () => {
  it('is accepted', async () => {
    const config = await loadConfig(file('examples/plimsoll.yaml'));
    expect(Object.keys(config.projects['shop']!.environments)).toEqual([
      'production',
      'staging',
      'testing',
    ]);
  });

  it.each([
    ['with a byte order mark', (text: string) => Buffer.from(`\uFEFF${text}`)],
    [
      'in UTF-16, as PowerShell writes it',
      (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
    ],
  ])('is accepted %s', async (_, write) => {
    const path = join(temporary('config'), 'plimsoll.yaml');
    writeFileSync(path, write(example));
    expect(Object.keys((await loadConfig(path)).projects)).toContain('shop');
  });

  it('explains every key', () => {
    expect(unexplained(configSchema(example))).toEqual([]);
  });

  it('is the documentation inside the JSON Schema (vitest -u writes it)', async () => {
    const schema = `${JSON.stringify(configSchema(example), null, 2)}\n`;
    await expect(schema).toMatchFileSnapshot(file('docs/plimsoll.schema.json'));
  });
});

describe('a first VPS project', () => {
  it('takes at most twelve lines', () => {
    expect(first.trimEnd().split('\n').length).toBeLessThanOrEqual(12);
    const { projects } = parseConfig(first, 'plimsoll.yaml');
    expect(projects['shop']).toMatchObject({ github: 'ana/shop', branch: 'main', revert: 'push' });
  });

  it('takes the name at GitHub from github.com, or from the host of github.api', () => {
    const named = (repository: string) => {
      const own = "github: { api: 'https://git.acme.example/api/v3', token: env:TOKEN }\n";
      const text = own + first.replace('git@github.com:ana/shop.git', repository);
      return parseConfig(text, 'x').projects['shop']?.github;
    };
    for (const at of ['https://git.acme.example/', 'git@git.acme.example:'])
      expect(named(`${at}ana/shop.git`)).toBe('ana/shop');
    expect(named('ssh://git@git.acme.example:22/ana/shop')).toBe('ana/shop');
    expect(named('git@github.com:ana/shop.git')).toBe('ana/shop');
    for (const at of ['https://acme.example/ana/shop', 'https://git.acme.example/a/b/c'])
      expect(named(at)).toBeUndefined();
  });

  it('takes it from no other host', () => {
    for (const repository of ['git@gitlab.com:ana/shop.git', 'https://notgithub.com/ana/shop'])
      expect(
        parseConfig(first.replace('git@github.com:ana/shop.git', repository), 'x').projects['shop'],
      ).not.toHaveProperty('github');
    for (const repository of ['https://github.com/ana/shop', 'ssh://git@github.com/ana/shop.git'])
      expect(
        parseConfig(first.replace('git@github.com:ana/shop.git', repository), 'x').projects['shop'],
      ).toHaveProperty('github', 'ana/shop');
  });
});

describe('a file that cannot be read', () => {
  it('tells how to get one', async () => {
    await expect(loadConfig('/nowhere/plimsoll.yaml')).rejects.toMatchObject({
      exitCode: 2,
      message: `No configuration at /nowhere/plimsoll.yaml: there is no such file.
Start from the commented example: plimsoll schema --example > /nowhere/plimsoll.yaml`,
    });
  });

  it('is told from one that is empty', () => {
    expect(refusal('')).toBe(oneProblem('plimsoll.yaml:1:1  The file is empty.'));
  });

  it.each([
    ['a: 1\na: 2\n', '2:1  This key is written twice in the same place; keep one of them.'],
    ['a:\n\tb: 1\n', '2:1  A tab indents this line; YAML indents with spaces.'],
    [
      'a: 1\n---\nb: 2\n',
      '2:1  A second YAML document begins here; a configuration is one document.',
    ],
    ['a: !secret x\n', '1:4  This YAML tag is not known here; write a plain value.'],
    ['a: *b\n', '1:4  This alias names no anchor.'],
    ['a: [1, 2\n', '2:1  This is not YAML (bad indent).'],
  ])('names the place of %j', (text, problem) => {
    expect(refusal(text)).toContain(`\n\nplimsoll.yaml:${problem}\n`);
  });

  it('may not fill the memory by aliases', () => {
    const levels = Array.from({ length: 12 }, (_, n) => {
      const list = Array.from({ length: 10 }, () => (n === 0 ? '1' : `*a${n - 1}`));
      return `a${n}: &a${n} [${list.join(', ')}]`;
    });
    expect(refusal(levels.join('\n'))).toBe(
      oneProblem('plimsoll.yaml:1:1  The aliases in this file expand to too much data.'),
    );
  });

  it('never repeats what is written in it', () => {
    expect(refusal('github: { token: ghp_0123456789 }\nslack: "xoxb-1\n')).not.toMatch(/ghp_|xoxb/);
    expect(
      refusal(first.replace('approvers', 'github: { token: ghp_0123456789 }\napprovers')),
    ).toBe(
      oneProblem('plimsoll.yaml:1:11  github.token\n  Use env:NAME, never the secret itself.'),
    );
  });
});

describe('a wrong key', () => {
  it('gets its place, its neighbours, and what was meant', () => {
    expect(refusal(first.replace('environments:', 'enviroments:'))).toBe(
      `plimsoll.yaml cannot be used: 2 problems. Nothing was started.

plimsoll.yaml:5:3  projects.shop.environments
  The key "environments" is missing.

plimsoll.yaml:8:5  projects.shop.enviroments
  "enviroments" is not a key that Plimsoll knows. Did you mean "environments"?
  Keys here: repository, github, branch, authorship, revert, paths, tests, secrets, audit, rules, roles, environments.${footer}`,
    );
  });

  it('inside an environment is compared with its platform', () => {
    expect(refusal(first.replace('service: shop', 'service: shop, prepair: npm ci'))).toContain(
      '"prepair" is not a key that Plimsoll knows. Did you mean "prepare"?\n  Keys here: platform, hosts,',
    );
  });

  it('that resembles none gets no guess', () => {
    expect(refusal(`${first}zebra: 1\n`)).toBe(
      oneProblem(`plimsoll.yaml:12:1  zebra
  "zebra" is not a key that Plimsoll knows.
  Keys here: sandbox, timeScale, ledger, seal, anchor, github, slack, page, budget, builds, freeze, hints, web, webUi, approvers, requesters, revoked, requests, bots, authorship, solo, projects.`),
    );
  });
});

describe('a wrong value', () => {
  it.each([
    [
      'platform: vps',
      'platform: vpz',
      'platform',
      'Use one of: vps, northflank, vercel, cloudflare.',
    ],
    ['auth: /login', 'auth: //evil.example/', 'smoke.auth', pathOrReason()],
    ['auth: /login', 'auth: /\\evil.example', 'smoke.auth', pathOrReason()],
    ['auth: /login', 'auth: n/a', 'smoke.auth', pathOrReason()],
    ['auth: /login, ', '', 'smoke.auth', 'The key "auth" is missing.'],
    ['service: shop', 'service: --now', 'service', 'Use a systemd unit name.'],
    ['service: shop', 'service: 7', 'service', 'Expected a text.'],
    ['directory: /srv/shop', 'directory: srv', 'directory', 'Use an absolute path without spaces.'],
    ["'http://127.0.0.1:3000/'", 'ftp://x/', 'health', 'Use an http:// or https:// address.'],
    ['service: shop', 'service: shop, approvers: 3', 'approvers', 'Use one of: 0, 1, 2.'],
  ])('%s → %s', (good, bad, path, what) => {
    expect(refusal(first.replace(good, bad))).toMatch(
      new RegExp(
        `^plimsoll.yaml cannot be used: one problem.*\n\nplimsoll.yaml:\\d+:\\d+  ` +
          `projects.shop.environments.production.${path}\n  ${what}\n\nSee every key`,
      ),
    );
  });

  it('as a name is refused', () => {
    expect(refusal(first.replace('  shop:', '  "my shop":'))).toContain(
      'projects.my shop\n  This name is not allowed: use at most 63 letters, digits, ".", "_" or "-".',
    );
  });
});

describe('a freeze', () => {
  const freeze = (from: string, to: string, timeZone = 'Europe/Berlin') =>
    refusal(`${first}freeze: [{ name: x, from: ${from}, to: ${to}, timeZone: ${timeZone} }]\n`);

  it.each([
    [
      'friday',
      'mon 07:00',
      'from',
      'Use a day of the week with a time, such as "fri 16:00", or a date with a time, such as "2026-12-24 12:00".',
    ],
    [
      'fri 25:00',
      'mon 07:00',
      'from',
      'Use a day of the week with a time, such as "fri 16:00", or a date with a time, such as "2026-12-24 12:00".',
    ],
    [
      'fri 16:00',
      '2026-12-24 12:00',
      'to',
      'From and to must both be days of the week, or both be dates.',
    ],
    ['2026-12-24 12:00', '2026-12-23 12:00', 'to', 'The freeze window must end after it begins.'],
  ])('from %s to %s', (from, to, key, what) => {
    expect(freeze(from, to)).toContain(`freeze.0.${key}\n  ${what}`);
  });

  it('is on the clocks of a zone that exists', () => {
    expect(freeze('fri 16:00', 'mon 07:00', 'Berlin')).toContain(
      'freeze.0.timeZone\n  Use a name of the time zone database, such as Europe/Berlin.',
    );
  });

  it.each(['2026-13-01 12:00', '2027-02-30 12:00'])('is of a day that exists, not %s', (from) => {
    expect(freeze(from, '2027-12-24 12:00')).toContain(
      'freeze.0.from\n  The calendar has no such day.',
    );
  });

  it('is of environments that somebody has', () => {
    const times = 'name: x, from: fri 16:00, to: mon 07:00, timeZone: UTC';
    const environments = 'environments: [production, prodution]';
    expect(refusal(`${first}freeze: [{ ${times}, ${environments} }]\n`)).toContain(
      'freeze.0.environments.1\n  No project has an environment "prodution". Did you mean "production"?',
    );
  });
});

function pathOrReason() {
  return 'Use a path of the same site, such as /healthz, or "n/a: reason" if there is nothing to test.';
}
