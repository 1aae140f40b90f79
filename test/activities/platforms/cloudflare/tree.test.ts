import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  besideWrangler,
  findWrangler,
} from '../../../../activities/platforms/cloudflare/find-wrangler.ts';
import { npmEnvironment, npmSettings } from '../../../../activities/lib/hermetic.ts';
import { wranglerEnvironment } from '../../../../activities/platforms/cloudflare/wrangler-environment.ts';
import { runWrangler } from '../../../../activities/platforms/cloudflare/run-wrangler.ts';
import { install, withTree } from '../../../../activities/platforms/cloudflare/tree.ts';
import type { Source } from '../../../../activities/platforms/cloudflare/api/access.ts';
import { failureOf } from './fixture.ts';
import { hostAndGit } from '../../git/host.ts';
import { builder } from '../../../support/builder.ts';

const json = (value: unknown) => JSON.stringify(value);
const local = { dependencies: { greet: 'file:./greet' } };
const lock = (name: string) =>
  json({
    name,
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name, version: '1.0.0', ...local },
      greet: { version: '1.0.0', hasInstallScript: true },
      'node_modules/greet': { resolved: 'greet', link: true },
    },
  });
const greet = json({
  name: 'greet',
  version: '1.0.0',
  scripts: { postinstall: "node -e \"require('fs').writeFileSync('ran', process.env.HOME)\"" },
});
const pinned = (name: string) => ({
  [`${name}/package.json`]: json({ name, version: '1.0.0', ...local }),
  [`${name}/package-lock.json`]: lock(name),
  [`${name}/greet/package.json`]: greet,
});

let at: Awaited<ReturnType<typeof hostAndGit>>;
let source: (directory: string) => Source;
beforeAll(async () => {
  at = await hostAndGit();
  const files = {
    ...pinned('pinned'),
    'pinned/inner/index.js': '',
    'unpinned/package.json': json({ dependencies: { hono: '^4.0.0' } }),
    'marked/package.json': `\uFEFF${json({ dependencies: { hono: '^4.0.0' } })}`,
    'bare/index.js': '',
    'stale/package.json': json({
      ...{ name: 'stale', version: '1.0.0' },
      // A package in a folder, so that npm needs no registry.
      dependencies: { bare: 'file:../bare' },
    }),
    'stale/package-lock.json': lock('stale'),
  };
  const [sha = ''] = await at.host.createRepository('acme/workers', [{ files, message: 'One' }]);
  const repository = at.host.url('acme/workers');
  source = (directory) => ({ repository, sha, directory, environment: null });
});
afterAll(() => at.close());

const deps = () => ({ git: at.git, workspace: at.workspace, builder });
const installed = (directory: string) =>
  withTree(deps(), source(directory), async (tree) => {
    await install(deps(), tree, 'r');
    return readdir(tree.directory);
  });

describe('npm', () => {
  test('has the settings that are named, never those of a user', async () => {
    expect(npmSettings('/cache')).not.toHaveProperty('npm_config_userconfig');
    expect(npmSettings('/cache', '/etc/npmrc')).toMatchObject({
      npm_config_userconfig: '/etc/npmrc',
    });
  });

  test('is not asked where those are not there', async () => {
    const failure = await failureOf(
      withTree(deps(), source('pinned'), (tree) =>
        install({ ...deps(), npmrc: '/nowhere/npmrc' }, tree, 'r'),
      ),
    );
    expect(failure).toMatchObject({ type: 'Misconfigured', nonRetryable: true });
    expect(failure.message).toBe(
      'plimsoll.yaml names /nowhere/npmrc as "npmrc", but there is no such file where the worker runs.\n' +
        'Put the file there and let the worker read it. ' +
        'Or remove "npmrc" from plimsoll.yaml. npm ci then has no token for the registry.',
    );
  });
});

describe('the tree of a commit', () => {
  test('is gone when the work is done, and when it failed', async () => {
    const seen: string[] = [];
    const look = (tree: { root: string }) => void seen.push(tree.root);
    await withTree(deps(), source('bare'), async (tree) => look(tree));
    const failing = withTree(deps(), source('bare'), async (tree) => {
      look(tree);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    for (const root of seen) await expect(readdir(root)).rejects.toThrow('ENOENT');
    expect(seen).toHaveLength(2);
  });

  test.each(['nowhere', '../..', '/etc'])('has no directory %s', async (directory) => {
    const failure = await failureOf(withTree(deps(), source(directory), async () => undefined));
    expect(failure).toMatchObject({ type: 'Misconfigured', nonRetryable: true });
    expect(failure.message).toBe(
      `The commit ${source('').sha.slice(0, 12)} has no directory "${directory}".\n` +
        'Correct "directory" of the worker in plimsoll.yaml: it is relative to the repository\'s root.',
    );
  });
});

describe('dependencies', () => {
  test('are installed as the lock file says, without running their scripts', async () => {
    expect(await installed('pinned')).toContain('node_modules');
    const ran = withTree(deps(), source('pinned'), async (tree) => {
      await install(deps(), tree, 'r');
      return readdir(join(tree.directory, 'greet'));
    });
    expect(await ran).toEqual(['package.json']);
  });

  test('of a workspace are installed where its lock file lies', async () => {
    const above = withTree(deps(), source('pinned/inner'), async (tree) => {
      await install(deps(), tree, 'r');
      return readdir(join(tree.directory, '..'));
    });
    expect(await above).toContain('node_modules');
  });

  test.each(['unpinned', 'marked'])('that nothing pins are refused: %s', async (place) => {
    const failure = await failureOf(installed(place));
    expect(failure).toMatchObject({ type: 'UnhealthyRelease', nonRetryable: true });
    expect(failure.message).toBe(
      'The worker needs hono but has no package-lock.json, so the versions of its dependencies are not fixed.\n' +
        'Commit a package-lock.json: npm install --package-lock-only',
    );
  });

  test('that do not fit the lock file are refused, with the last words of npm', async () => {
    const failure = await failureOf(installed('stale'));
    expect(failure.type).toBe('UnhealthyRelease');
    expect(failure.message).toMatch(
      /^npm ci failed for the worker\. The live release was not touched\. The last lines of npm ci:\n/,
    );
  });

  test('that are none need nothing', async () => {
    expect(await installed('bare')).toEqual(['index.js']);
  });
});

describe('wrangler', () => {
  const knows = 'options({"experimental-provision": {}})';
  const withVersion = async (
    version: string,
    work: (root: string) => Promise<unknown>,
    program = knows,
  ) => {
    const root = await mkdtemp(join(tmpdir(), 'plimsoll-own-'));
    const place = join(root, 'node_modules', 'wrangler');
    await mkdir(place, { recursive: true });
    const bin = { wrangler: './bin/wrangler.js' };
    await writeFile(join(place, 'package.json'), json({ version, bin }));
    await mkdir(join(place, 'wrangler-dist'));
    await writeFile(join(place, 'wrangler-dist', 'cli.js'), program);
    await work(root).finally(() => rm(root, { recursive: true, force: true }));
  };

  test('of the worker comes first, from its directory or one above it', async () => {
    await withVersion('4.170.2', async (root) => {
      const found = await findWrangler(join(root, 'workers', 'a'), root);
      expect(found).toMatchObject({ version: '4.170.2', from: 'the worker' });
    });
    await withVersion('5.0.0-beta.1', async (root) => {
      expect(await findWrangler(root, root)).toMatchObject({ version: '5.0.0-beta.1' });
    });
  });

  test('of the worker must not be too old', async () => {
    await withVersion('4.109.9', async (root) => {
      expect((await failureOf(findWrangler(root, root))).message).toBe(
        'The wrangler of the worker has version 4.109.9, but Plimsoll needs 4.110.0 or newer.\n' +
          "Update wrangler in the worker's directory: npm install wrangler@4.164.0",
      );
    });
    await withVersion('4.110.0', async (root) => {
      expect(await findWrangler(root, root)).toMatchObject({ version: '4.110.0' });
    });
  });

  test('of Plimsoll must know the option that keeps it from creating resources', async () => {
    await withVersion(
      '5.0.0',
      async (root) => {
        const at = (file: string) => join(root, 'node_modules', file);
        const failure = await failureOf(besideWrangler(at));
        expect(failure).toMatchObject({ type: 'Misconfigured', nonRetryable: true });
        expect(failure.message).toBe(
          'The wrangler of Plimsoll has version 5.0.0, which does not know the option --experimental-provision. ' +
            'Without this option, Plimsoll cannot forbid wrangler to create databases and buckets.\n' +
            'Install a version that has it where Plimsoll is installed: npm install wrangler@4.164.0',
        );
      },
      'options({})',
    );
  });

  test('beside Plimsoll is next, and its version is the pinned one', async () => {
    const text = await readFile(new URL('../../../../package.json', import.meta.url), 'utf8');
    const { devDependencies } = JSON.parse(text) as { devDependencies: Record<string, string> };
    const found = await findWrangler(at.workspace, at.workspace);
    expect(found).toMatchObject({ version: devDependencies['wrangler'], from: 'Plimsoll' });
  });

  test('that is nowhere is asked for', async () => {
    const nothing = () => {
      throw new Error('Cannot find module');
    };
    const failure = await failureOf(besideWrangler(nothing));
    expect(failure).toMatchObject({ type: 'Misconfigured', nonRetryable: true });
    expect(failure.message).toBe(
      'wrangler is not installed with Plimsoll, so no Cloudflare Worker can be deployed or rolled back.\n' +
        "Install wrangler where Plimsoll is installed, then start Plimsoll's worker again: npm install wrangler",
    );
  });
});

test('what wrangler prints reaches nobody with the token in it, and its home is gone', async () => {
  const root = await mkdtemp(join(tmpdir(), 'plimsoll-fake-'));
  const bin = join(root, 'fake.mjs');
  const script = `const { HOME, CLOUDFLARE_API_TOKEN, WRANGLER_OUTPUT_FILE_PATH } = process.env;
import { appendFileSync } from 'node:fs';
appendFileSync(WRANGLER_OUTPUT_FILE_PATH, '{"type":"deploy"}\\nno json\\n');
console.log(CLOUDFLARE_API_TOKEN, HOME, process.argv.slice(2, 4).join(' '));`;
  await writeFile(bin, script);
  const access = { api: 'https://api.example', account: 'a', token: 'very-secret', variable: 'V' };
  const wrangler = { bin, version: '4.164.0', from: 'Plimsoll' } as const;
  const call = { wrangler, access, args: ['versions', 'list'], timeoutMs: 60_000 };
  const { code, output, records } = await runWrangler(call);
  await rm(root, { recursive: true, force: true });
  const [shown, home = '', ...args] = output.trim().split(' ');
  expect([code, shown, args]).toEqual([0, '…', ['versions', 'list']]);
  expect(records).toEqual([{ type: 'deploy' }]);
  await expect(readdir(home)).rejects.toThrow('ENOENT');
});

describe('the environment of a child', () => {
  const access = { api: 'https://api.example/v4', account: 'a', token: 't', variable: 'V' };
  test('has nothing of ours but what it needs', () => {
    process.env['PLIMSOLL_TEST_SECRET'] = 'secret';
    const npm = npmEnvironment('/home/x', '/cache');
    const wrangler = wranglerEnvironment('/records', access);
    delete process.env['PLIMSOLL_TEST_SECRET'];
    expect(npm).toMatchObject({ HOME: '/home/x', CI: '1', npm_config_cache: '/cache' });
    for (const env of [npm, wrangler]) expect(Object.values(env)).not.toContain('secret');
    expect(Object.keys(npm).filter((key) => /TOKEN|CLOUDFLARE/.test(key))).toEqual([]);
  });

  test('of wrangler always says where Cloudflare is, so that no file of the commit can', () => {
    expect(wranglerEnvironment('/records', access)).toMatchObject({
      CLOUDFLARE_API_BASE_URL: 'https://api.example/v4',
      CLOUDFLARE_ACCOUNT_ID: 'a',
      CLOUDFLARE_API_TOKEN: 't',
      OPEN_NEXT_DEPLOY: 'true',
      WRANGLER_SEND_METRICS: 'false',
    });
  });
});
