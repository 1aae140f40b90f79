import { describe, expect, test } from 'vitest';
import { createCloudflareDriver } from '../../../activities/platforms/cloudflare/driver.ts';
import { Service } from '../../../activities/platforms/northflank/api/service.ts';
import { Project } from '../../../activities/platforms/vercel/api/shapes/project.ts';
import type { CloudflareTarget } from '../../../domain/platforms/cloudflare/target.ts';
import { northflankPlace } from './northflank/place.ts';
import { vercelPlace } from './vercel/place.ts';
import { plainBuilder } from '../../support/builder.ts';

const at = (path: string, url: string | null = `https://git.example.com/${path}`) => ({
  path,
  url,
});
const none = { submodules: [], lfs: [] };
const instead =
  'so their files would be missing. Commit the files themselves: git rm --cached PATH, ' +
  'delete PATH/.git, then git add PATH.';

describe('Cloudflare', () => {
  const driver = createCloudflareDriver({
    secret: () => '',
    git: { readFile: async () => null, treeOf: async () => '' },
    builder: plainBuilder,
    timeScale: 1,
  });
  const target = {
    platform: 'cloudflare',
    worker: 'notes',
    url: 'https://notes.example.com',
  } as CloudflareTarget;
  const leaves = (elsewhere: Parameters<typeof driver.leavesOut>[1]) =>
    driver.leavesOut(target, elsewhere, async () => true);

  test('gets no submodule and no file of Git LFS', async () => {
    const submodules = ['a', 'b\u001b[2J', 'c', 'd', 'e'].map((path) => at(path));
    expect(await leaves({ submodules, lfs: ['é.bin'] })).toEqual([
      'cloudflare notes: the commit has submodules (a, b\\u001B[2J, c and 2 more), and Plimsoll does ' +
        `not pass submodules to wrangler, ${instead}`,
      'cloudflare notes: the commit has files in Git LFS (é.bin), and Plimsoll does not pass ' +
        'files of Git LFS to wrangler, so pointers would go live in place of the files. Take the files out of ' +
        'Git LFS: git lfs untrack PATTERN, then git add --renormalize .',
    ]);
    expect(await leaves(none)).toEqual([]);
  });
});

describe('Vercel', () => {
  test('fetches only public submodules over https, and Git LFS only if it is on', async () => {
    const place = await vercelPlace();
    try {
      const { driver, target } = place;
      const isPublic = async (url: string) => url.endsWith('/open');
      const submodules = [
        at('open'),
        at('private'),
        at('ssh', 'git@git.example.com:acme/open'),
        at('nameless', null),
      ];
      const why = 'Vercel fetches only submodules that everybody may read over https';
      expect(await driver.leavesOut(target, { submodules, lfs: ['a.bin'] }, isPublic)).toEqual([
        `vercel ${target.project}: the commit has submodules (private, ssh, nameless), and ${why}, ${instead}`,
        `vercel ${target.project}: the commit has files in Git LFS (a.bin), and Git LFS is off at ` +
          'Vercel, so pointers would go live in place of the files. Turn it on: Settings → Git → ' +
          "Git Large File Storage (LFS) in Vercel's dashboard.",
      ]);
      const open = { submodules: [at('open')], lfs: [] };
      expect(await driver.leavesOut(target, open, isPublic)).toEqual([]);
    } finally {
      await place.close();
    }
  });

  test.each([
    [{ gitLFS: true }, true],
    [{ gitLFS: false }, false],
    [{}, false],
  ])('tells by %j whether Git LFS is on', (setting, on) => {
    const project = { id: 'p', name: 'p', accountId: 'a', ...setting };
    expect(Project.parse(project).usesLfs).toBe(on);
  });
});

describe('Northflank', () => {
  test('documents no submodules, and fetches files of Git LFS only if it is on', async () => {
    const place = await northflankPlace();
    try {
      const { driver, target } = place;
      const isPublic = async () => true;
      const elsewhere = { submodules: [at('theme')], lfs: ['a.bin', 'b.bin'] };
      expect(await driver.leavesOut(target, elsewhere, isPublic)).toEqual([
        'northflank gateway: the commit has submodules (theme), and Northflank documents no ' +
          `submodules, ${instead}`,
        'northflank gateway: the commit has files in Git LFS (a.bin, b.bin), and Git LFS is ' +
          'off at Northflank, so pointers would go live in place of the files. Turn Git LFS on in the ' +
          'build options of openclaw/gateway, then deploy again.',
      ]);
    } finally {
      await place.close();
    }
  });

  test.each([
    [{ buildConfiguration: { enableGitLfs: true } }, true],
    [{ buildConfiguration: {} }, false],
    [{}, false],
  ])('tells by %j whether Git LFS is on', (setting, on) => {
    expect(Service.parse({ id: 's', serviceType: 'combined', ...setting }).usesLfs).toBe(on);
  });
});
