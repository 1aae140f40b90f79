import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseConfig } from '../../../worker/config/config.ts';

const key = (letter: string) =>
  `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA${letter.repeat(42).slice(0, 42)}`;
let services = 0;
const project = (changes: object = {}) => ({
  repository: 'https://git.example.com/acme/both.git',
  tests: { required: ['test'] },
  environments: {
    production: {
      platform: 'vps',
      hosts: [
        {
          address: 'deploy@shop.example.com',
          hostKey: `SHA256:${'x'.repeat(43)}`,
          url: 'https://shop.example.com',
        },
      ],
      directory: `/srv/${(services += 1)}`,
      service: `s${services}`,
      health: 'http://localhost:3000/healthz',
      smoke: { auth: '/login', payments: 'n/a: nothing is sold', core: '/' },
    },
  },
  ...changes,
});
const approvers = {
  ana: { keys: [key('A')], emails: ['ana@example.com'] },
  ben: { keys: [key('B')], emails: ['ben@example.com'] },
};

function problems(projects: object, more: object = {}): string[] {
  try {
    parseConfig(stringify({ approvers, authorship: 'git', projects, ...more }), 'p.yaml');
    return [];
  } catch (error) {
    return (error as Error).message
      .split('\n\n')
      .slice(1, -1)
      .map((block) => block.replace(/^\S+ {2}/, ''));
  }
}

const undivided = (name: string, others: string) =>
  `projects.${name}.paths\n  ${others} in the same repository, on main: a revert of ${name} would also revert ` +
  `their work.\n  Name the directories of ${name}, such as paths: [apps/${name}], or set revert: off.`;

describe('two projects in one repository', () => {
  it('without paths are refused, each with its neighbours', () => {
    const two = { shop: project(), blog: project() };
    expect(problems(two)).toEqual([undivided('shop', 'blog is'), undivided('blog', 'shop is')]);
    expect(problems({ ...two, docs: project({ revert: 'off' }) })[0]).toBe(
      undivided('shop', 'blog and docs are'),
    );
  });

  it.each([
    'https://git.example.com/acme/both',
    'https://GIT.example.com/acme/both.git/',
    'git@git.example.com:acme/both.git',
    'ssh://git@git.example.com/acme/both',
  ])('are recognized under %s as well', (repository) => {
    expect(
      problems({ shop: project(), blog: project({ repository, revert: 'off' }) }),
    ).toHaveLength(1);
  });

  it('are fine with paths of their own, on different branches, or without reverts', () => {
    const shop = project({ paths: ['apps/shop', 'shop.toml'] });
    expect(problems({ shop, blog: project({ paths: ['apps/blog', 'apps/shop-tools'] }) })).toEqual(
      [],
    );
    expect(problems({ shop: project(), blog: project({ branch: 'blog' }) })).toEqual([]);
    const off = { revert: 'off' };
    expect(problems({ shop: project(off), blog: project(off) })).toEqual([]);
    expect(problems({ shop, blog: project(off) })).toEqual([]);
  });

  it.each([
    [['apps/shop'], ['apps']],
    [['apps'], ['apps/shop/api']],
    [['x', 'lib'], ['lib']],
  ])('are refused where paths overlap: %j and %j', (mine, theirs) => {
    const found = problems({ shop: project({ paths: mine }), blog: project({ paths: theirs }) });
    expect(found).toEqual([
      `projects.shop.paths\n  ${mine.at(-1)} belongs to blog as well: a revert of shop would also revert the work of blog.\n` +
        '  Give each project paths of its own.',
      `projects.blog.paths\n  ${theirs.at(-1)} belongs to shop as well: a revert of blog would also revert the work of shop.\n` +
        '  Give each project paths of its own.',
    ]);
  });
});

describe('a path', () => {
  it.each([
    '/srv',
    'apps/',
    './shop',
    'a/../b',
    '..',
    '.git',
    'a/.git/b',
    ':(glob)x',
    'a*',
    'a b',
    '',
  ])('%j is refused', (path) => {
    expect(problems({ shop: project({ paths: [path] }) })).toEqual([
      'projects.shop.paths.0\n  Use a path inside the repository, such as apps/shop.',
    ]);
  });

  it.each(['a', 'apps/shop', '.github/workflows', 'a.b/..c', 'grüße'])('%j is taken', (path) => {
    expect(problems({ shop: project({ paths: [path] }) })).toEqual([]);
  });
});

describe('revert: pull-request', () => {
  const wanted = { revert: 'pull-request' };
  const github = { github: { token: 'env:GITHUB_TOKEN' } };
  const refused =
    'projects.shop.revert\n  revert: pull-request needs GitHub, and this project has no GitHub configured.\n' +
    '  Add github: { token: env:NAME } at the top and github: owner/name here, or use revert: push.';

  it('needs GitHub, for the whole and for the project', () => {
    expect(problems({ shop: project({ ...wanted, github: 'acme/both' }) })).toEqual([refused]);
    expect(problems({ shop: project(wanted) }, github)).toEqual([refused]);
    expect(problems({ shop: project({ ...wanted, github: 'acme/both' }) }, github)).toEqual([]);
    const repository = 'git@github.com:acme/both.git';
    expect(problems({ shop: project({ ...wanted, repository }) }, github)).toEqual([]);
  });
});
