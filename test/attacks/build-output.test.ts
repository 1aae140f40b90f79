import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Builder } from '../../activities/builds/builder.ts';
import { buildFirst } from '../../activities/platforms/cloudflare/build-first.ts';
import { prepareUpload } from '../../activities/platforms/cloudflare/prepare-upload.ts';
import { install } from '../../activities/platforms/cloudflare/tree.ts';
import { failureOf } from '../activities/platforms/cloudflare/fixture.ts';

let base: string;
let root: string;
let output: string;
let secret: string;
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'plimsoll-output-')));
  [root, output, secret] = [join(base, 'tree'), join(base, 'out'), join(base, 'plimsoll.yaml')];
  await mkdir(root);
  await mkdir(output);
  await writeFile(secret, '{"token":"of the worker"}');
});
afterEach(() => rm(base, { recursive: true, force: true }));

const own = { bin: '/nowhere/wrangler.js', version: '4.164.0', from: 'Plimsoll' } as const;
const source = { repository: 'r', sha: 's', directory: '', environment: null };
const write = async (path: string, text: string) => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
};

/** A builder whose jobs do what `work` does, as a hostile build would. */
const hostile = (work: () => Promise<void> | void): Builder => ({
  isolation: async () => ({ kind: 'none' }),
  run: async () => {
    await work();
    return { code: 0, output: '', timedOut: false };
  },
});
const tree = () => ({ root, directory: root, output, own: base });

async function prepare(file: object, work: () => Promise<void> | void, build = true) {
  const command = build ? { build: { command: 'make' } } : {};
  await write(join(root, 'wrangler.json'), JSON.stringify({ name: 'w', ...file, ...command }));
  const builder = hostile(work);
  const configured = await buildFirst({ tree: tree(), source, builder });
  return prepareUpload({ builder }, { tree: tree(), configured, account: 'ours', own });
}

describe('the output of a hostile build', () => {
  const assets = { assets: { directory: 'public' } };
  const link = /contains public\/a, which is no plain file, or a link that leads out/;

  test.each(['/proc/self/environ', '/etc/passwd', '../../plimsoll.yaml'])(
    'uploads no asset that leads to %s',
    async (to) => {
      const failure = await failureOf(
        prepare(assets, async () => {
          await mkdir(join(root, 'public'), { recursive: true });
          await symlink(to, join(root, 'public/a'));
        }),
      );
      expect(failure).toMatchObject({ type: 'UnhealthyRelease', nonRetryable: true });
      expect(failure.message).toMatch(link);
    },
  );

  test('uploads no directory outside of the tree, and waits for no pipe', async () => {
    const outside = { assets: { directory: '..' } };
    expect((await failureOf(prepare(outside, () => {}))).message).toMatch(
      /^wrangler's configuration names the assets \.\., but the repository has no such directory/,
    );
    const pipe = () => {
      execFileSync('mkdir', ['-p', join(root, 'public')]);
      execFileSync('mkfifo', [join(root, 'public/a')]);
    };
    expect((await failureOf(prepare(assets, pipe))).message).toMatch(link);
  });

  test('uploads no code that leads to the environment of wrangler', async () => {
    await write(join(root, 'index.js'), '');
    const failure = await failureOf(
      prepare({ main: 'index.js' }, async () => {
        await rm(join(output, 'index.js'), { force: true });
        await symlink('/proc/self/environ', join(output, 'index.js'));
      }),
    );
    expect(failure.message).toMatch(/^The bundle contains index\.js, which is no plain file/);
  });

  test('changes no file through a link in the place of the configuration', async () => {
    await write(join(root, 'index.js'), '');
    const linked = (to: string) => async () => {
      await write(join(output, 'index.js'), 'export default {}');
      await rm(join(output, 'wrangler.plimsoll.json'), { force: true });
      await symlink(to, join(output, 'wrangler.plimsoll.json'));
    };
    const file = { main: 'index.js' };
    expect((await failureOf(prepare(file, linked(secret)))).message).toContain('plimsoll.json');
    expect(await readFile(secret, 'utf8')).toBe('{"token":"of the worker"}');
    await prepare(file, linked('index.js'));
    expect(await readFile(join(output, 'index.js'), 'utf8')).toBe('export default {}');
  });

  test('shows no file of the worker as a configuration of wrangler', async () => {
    const failure = await failureOf(
      prepare({}, async () => {
        await mkdir(join(root, '.wrangler/deploy'), { recursive: true });
        await symlink(secret, join(root, '.wrangler/deploy/config.json'));
      }),
    );
    expect(failure.message).toMatch(/^The worker's build made \.wrangler\/deploy\/config\.json/);
    expect(failure.message).not.toContain('of the worker"');
    await rm(join(root, '.wrangler'), { recursive: true });
    const leads = await failureOf(
      prepare({}, () =>
        write(
          join(root, '.wrangler/deploy/config.json'),
          JSON.stringify({ configPath: '../../../plimsoll.yaml' }),
        ),
      ),
    );
    expect(leads.message).toMatch(/^The worker's build made \.\.\/plimsoll\.yaml, which is no/);
  });

  test('creates no resource by a configuration that the build made', async () => {
    const made = {
      name: 'w',
      containers: [{ image: './Dockerfile' }],
      kv_namespaces: [{ binding: 'A' }],
    };
    const failure = await failureOf(
      prepare({}, async () => {
        await write(join(root, 'dist/wrangler.json'), JSON.stringify(made));
        await write(
          join(root, '.wrangler/deploy/config.json'),
          '{"configPath":"../../dist/wrangler.json"}',
        );
      }),
    );
    expect(failure.message).toMatch(/has the KV namespace binding A without "id"/);
    expect(failure.message).toMatch(/has "containers"/);
  });

  test('at a builder is copied, so that the builder can change nothing after the check', async () => {
    await write(join(root, 'index.js'), '');
    const command = { build: { command: 'make' } };
    const file = { name: 'w', main: 'index.js', ...assets, ...command };
    await write(join(root, 'wrangler.json'), JSON.stringify(file));
    const builder: Builder = {
      ...hostile(async () => {
        await write(join(output, 'index.js'), 'export default {}');
        await write(join(root, 'public/a'), 'a');
      }),
      shared: base,
    };
    const kept = { ...tree(), own: join(base, 'own') };
    await mkdir(kept.own);
    const configured = await buildFirst({ tree: kept, source, builder });
    const upload = await prepareUpload(
      { builder },
      { tree: kept, configured, account: 'ours', own },
    );
    await rm(output, { recursive: true });
    await rm(root, { recursive: true });
    expect(upload.directory).toBe(join(kept.own, 'bundle'));
    expect(upload.readable).toEqual([join(kept.own, 'assets')]);
    expect(await readFile(join(upload.directory, 'index.js'), 'utf8')).toBe('export default {}');
    expect(await readFile(join(kept.own, 'assets/a'), 'utf8')).toBe('a');
  });

  test('leaves only what is uploaded: the account of plimsoll.yaml, and no command', async () => {
    await write(join(root, 'src/main.ts'), '');
    const file = {
      ...{ main: 'src/main.ts', account_id: 'theirs', minify: true, define: { A: '1' } },
      rules: [{ type: 'Text', globs: ['src/pages/*.html'] }],
      vars: { A: '1' },
    };
    const upload = await prepare(file, () => write(join(output, 'main.js'), 'export default {}'));
    expect(
      JSON.parse(await readFile(join(upload.directory, 'wrangler.plimsoll.json'), 'utf8')),
    ).toEqual({
      ...{ name: 'w', account_id: 'ours', vars: { A: '1' }, main: 'main.js' },
      ...{ no_bundle: true, find_additional_modules: true },
      rules: [{ type: 'Text', globs: ['src/pages/*.html', '**/*.html'] }],
    });
  });
});

describe('an install of a hostile commit', () => {
  const deps = () => ({
    git: { exportTree: () => Promise.reject(new Error('no')) },
    ...{ workspace: join(base, 'workspace'), builder: hostile(() => {}) },
  });

  test('uses no program of a node_modules that was committed', async () => {
    await write(join(root, 'node_modules/wrangler/package.json'), '{"version":"4.999.0"}');
    const directory = join(root, 'workers/a');
    await mkdir(directory, { recursive: true });
    const failure = await failureOf(install(deps(), { ...tree(), directory }, 'r'));
    expect(failure).toMatchObject({ type: 'Misconfigured', nonRetryable: true });
    expect(failure.message).toBe(
      'The commit contains node_modules. Plimsoll installs dependencies only as the lock file says. ' +
        'Remove the directory and add it to .gitignore: git rm -r --cached node_modules',
    );
  });

  test("cannot take the token of the worker's npmrc", async () => {
    const npmrc = join(base, 'npmrc');
    await writeFile(npmrc, '//npm.example/:_authToken=t');
    await write(join(root, 'package-lock.json'), '{}');
    await write(join(root, '.npmrc'), 'git=./evil.sh\n');
    const installing = () => failureOf(install({ ...deps(), npmrc }, tree(), 'r'));
    expect((await installing()).message).toBe(
      `The commit's .npmrc sets "git". With this key, a commit could take the token in ${npmrc}.\n` +
        `Remove the key from .npmrc in the commit, or move it to ${npmrc}.`,
    );
    await rm(join(root, '.npmrc'));
    await write(
      join(root, 'package-lock.json'),
      '{"a":{"resolved": "git+ssh://git@evil/a.git#1"}}',
    );
    expect((await installing()).message).toBe(
      'package-lock.json takes a package from git+ssh://git@evil/a.git#1. npm may run programs of such ' +
        `a package, and they could take the token in ${npmrc}.\n` +
        'Take the package from a registry, or remove "npmrc" from plimsoll.yaml.',
    );
  });
});
