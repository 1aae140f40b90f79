import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { commands } from '../../../../activities/platforms/vps/commands.ts';
import { resolveVps } from '../../../../activities/platforms/vps/target.ts';
import { isPlainRef } from '../../../../activities/git/refuse.ts';
import { parseConfig } from '../../../../worker/config/config.ts';
import type { VpsEnvironment } from '../../../../domain/platforms/vps/schema.ts';

const person = (letter: string) => ({
  keys: [`ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA${letter.repeat(42).slice(0, 42)}`],
  emails: [`${letter}@example.com`],
});

const text = (environment: object, project: object = {}) =>
  stringify({
    authorship: 'git',
    approvers: { ana: person('A'), ben: person('B') },
    projects: {
      shop: {
        repository: 'git@github.com:acme/shop.git',
        tests: { required: ['test'] },
        ...project,
        environments: {
          production: {
            platform: 'vps',
            hosts: [
              {
                address: 'deploy@10.0.0.1',
                hostKey: `SHA256:${'x'.repeat(43)}`,
                url: 'http://10.0.0.1',
              },
            ],
            directory: '/srv/shop',
            service: 'shop',
            health: 'http://localhost:3000/healthz',
            smoke: { auth: '/login', payments: 'n/a: nothing is sold', core: '/' },
            ...environment,
          },
        },
      },
    },
  });

const load = (environment: object, project: object = {}) =>
  parseConfig(text(environment, project), 'p.yaml');

const compose = (file: string) => ({ service: undefined, compose: { service: 'web', file } });

// The commands on a host must accept every value that the schema accepts.
describe('a value of plimsoll.yaml that the schema accepts is planned too', () => {
  test.each([
    ['a file with ./', compose('./compose.yaml')],
    ['a file in a hidden directory', compose('.docker/compose.yaml')],
    ['a file with two dots', compose('deploy/compose..prod.yaml')],
    ['a file with @ and +', compose('deploy/compose@c++.yaml')],
    ['health with ;', { health: 'http://localhost:3000/health;deep=1' }],
    ['health with #', { health: 'http://localhost:3000/health#top' }],
    ['health with _ in the host', { health: 'http://my_host:3000/healthz' }],
    ['health with [ ]', { health: 'http://[::1]:3000/healthz?a[]=1' }],
    ['a directory with two dots in a name', { directory: '/srv/a..b' }],
    ['an escaped unit', { service: 'shop-a\\x2db.service' }],
  ])('%s', (_, environment) => {
    const { projects } = load(environment);
    const project = projects['shop']!;
    const target = resolveVps({
      project,
      environment: project.environments['production'] as VpsEnvironment,
    });
    expect(commands.inspect(target, target.health).step).toBe('inspect');
    expect(commands.stage(target, { sha: 'a'.repeat(40), epoch: 1 }).step).toBe('stage');
  });

  test.each([
    ['a file above', compose('../compose.yaml')],
    ['a file above, in the middle', compose('a/../../compose.yaml')],
    ['an absolute file', compose('/compose.yaml')],
    ['health with $', { health: 'http://localhost/$(id)' }],
    ['a directory with ..', { directory: '/srv/../etc' }],
  ])('%s is refused when the file is read', (_, environment) => {
    expect(() => load(environment)).toThrow(/projects\.shop\.environments\.production/);
  });

  test.each(['main', 'feature/#12', 'fix@2', 'a+b', 'größe', 'release/2.x', '_wip', "it's"])(
    'the branch %s',
    (branch) => {
      expect(load({}, { branch }).projects['shop']?.branch).toBe(branch);
      expect(isPlainRef(branch)).toBe(true);
    },
  );
  test.each([
    '-x',
    '/x',
    'x/',
    'a..b',
    'a b',
    'a~1',
    'a:b',
    '.x',
    'a/.b',
    'x.lock',
    'x.lock/y',
    '@',
    'x@{1}',
    'x.',
  ])('the branch %s is none', (branch) => {
    expect(() => load({}, { branch })).toThrow('se the name of a branch');
    expect(isPlainRef(branch)).toBe(false);
  });

  test.each([
    'https://github.com/acme/shop.git',
    'https://git.example:8443/scm/~ana/shop',
    'git@github.com:acme/shop.git',
    'ssh://git@git.example:7999/acme/shop.git',
    'org-123@ssh.example:acme/größe.git',
    'git@[2001:db8::1]:acme/shop.git',
  ])('the repository %s', (repository) => {
    const { projects } = load({}, { repository });
    const project = projects['shop']!;
    const environment = project.environments['production'] as VpsEnvironment;
    const { args } = commands.stage(resolveVps({ project, environment }), {
      sha: 'a'.repeat(40),
      epoch: 1,
    });
    expect(args).toContain(repository);
  });
  test.each([
    'https://github.com',
    'https://x:99999/acme/shop',
    'https://x/$(touch x)',
    'git@-oProxyCommand=x:y',
    'ssh://-oProxyCommand=x/y',
    'ext::sh -c touch% x',
    'git@host:a b',
  ])('the repository %s is refused when the file is read', (repository) => {
    expect(() => load({}, { repository })).toThrow('se https://host/path or git@host:path');
  });

  test('a pattern is no JUnit report', () => {
    expect(() => load({}, { tests: { junit: 'reports/*.xml' } })).toThrow(
      /se the path of one file, without "\*" or "\?"/,
    );
  });
});
