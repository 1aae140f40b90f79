import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { buildFirst } from '../../../../activities/platforms/cloudflare/build-first.ts';
import { writeTree } from '../../../../sandbox/samples/samples.ts';
import type { FileTree } from '../../../../sandbox/samples/samples.ts';
import { ask } from '../../../sandbox/platforms/cloudflare/cloudflare-fixture.ts';
import { cloudflarePlace, name } from './place.ts';
import { failureOf } from './fixture.ts';
import { builder } from '../../../support/builder.ts';

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'plimsoll-build-')));
  vi.stubEnv('CLOUDFLARE_API_TOKEN', 'cf-secret');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});

const source = { repository: 'r', sha: 's', directory: 'shop' };
async function build(files: FileTree, environment: string | null = null) {
  writeTree(join(root, 'shop'), files);
  const tree = { root, directory: join(root, 'shop'), output: join(root, 'output'), own: root };
  return buildFirst({ tree, source: { ...source, environment }, builder });
}
const read = (path: string) => readFile(join(root, path), 'utf8');
const json = (value: unknown) => JSON.stringify(value);

describe('a build command of wrangler.jsonc', () => {
  test('runs before wrangler, without the token, with the programs of the tree', async () => {
    const command = 'echo "${CLOUDFLARE_API_TOKEN-none} $PATH" > told';
    const file = `// of the shop\n${json({ name: 'shop', build: { command }, vars: { A: '1' } })}`;
    expect(await build({ 'wrangler.jsonc': file })).toMatchObject({
      path: join(root, 'shop/wrangler.jsonc'),
      environment: null,
    });
    expect(await read('shop/told')).toMatch(
      new RegExp(`^none ${root}/shop/node_modules/.bin:${root}/node_modules/.bin:`),
    );
  });

  test("of an environment is that environment's", async () => {
    const env = { live: { build: { command: 'echo live > told', cwd: '..' }, vars: { A: '2' } } };
    const file = json({ build: { command: 'false' }, env });
    await build({ 'wrangler.json': file }, 'live');
    expect(await read('told')).toBe('live\n');
  });

  test('that leaves a configuration for wrangler to follow is followed', async () => {
    const command =
      'mkdir -p .wrangler/deploy dist && echo {\\"name\\":\\"made\\"} > dist/wrangler.json && ' +
      'echo {\\"configPath\\":\\"../../dist/wrangler.json\\"} > .wrangler/deploy/config.json';
    const file = {
      'wrangler.toml': `[build]\ncommand = '''${command.replaceAll('\\\\', '\\')}'''\n`,
    };
    expect(await build(file, 'live')).toEqual({
      path: join(root, 'shop/dist/wrangler.json'),
      file: { name: 'made' },
      environment: null,
      made: true,
    });
  });

  test('that is not there is not run', async () => {
    expect(await build({ 'wrangler.toml': 'name = "shop"\n' })).toMatchObject({
      path: join(root, 'shop/wrangler.toml'),
    });
  });

  test('is asked for where there is no configuration, because wrangler would make one', async () => {
    const failure = await failureOf(build({}));
    expect(failure).toMatchObject({ type: 'Misconfigured', nonRetryable: true });
    expect(failure.message).toBe(
      '"shop" has no readable wrangler configuration (wrangler.json, wrangler.jsonc, wrangler.toml), so ' +
        'wrangler would make a default configuration.\n' +
        'Correct "directory" in plimsoll.yaml, or fix the file: npx wrangler check',
    );
  });

  test('that fails is to blame on the release, with its last lines', async () => {
    const file = json({ build: { command: 'echo no such module >&2; exit 3' } });
    const failure = await failureOf(build({ 'wrangler.json': file }));
    expect(failure).toMatchObject({ type: 'UnhealthyRelease', nonRetryable: true });
    expect(failure.message).toBe(
      "The worker's build command failed. Plimsoll runs the command without Cloudflare's token. The last lines of its output:\nno such module",
    );
  });

  test('stays in the repository', async () => {
    const file = json({ build: { command: 'true', cwd: '../..' } });
    expect((await failureOf(build({ 'wrangler.json': file }))).message).toBe(
      'The worker\'s build would run in "../..", outside of the repository.\nCorrect build.cwd in wrangler\'s file.',
    );
  });

  test('makes what the real wrangler deploys, and the token is not in it', async () => {
    const place = `workers/${name}`;
    const make = `const told = process.env.CLOUDFLARE_API_TOKEN ?? 'none';
      require('fs').writeFileSync('made.js', "export default { fetch: () => new Response('" + told + "') };");`;
    const config = {
      ...{ name, main: 'made.js', compatibility_date: '2026-01-01', workers_dev: true },
      ...{ preview_urls: true, build: { command: 'node make.cjs' } },
    };
    const at = await cloudflarePlace([
      { [`${place}/wrangler.json`]: json(config), [`${place}/make.cjs`]: make },
    ]);
    try {
      await at.deployed(0);
      expect(await ask(at.target.url)).toEqual({ status: 200, body: 'none' });
    } finally {
      await at.close();
    }
  });
});
