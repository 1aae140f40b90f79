import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  deployWorker,
  setTriggers,
  uploadVersion,
} from '../../../../activities/platforms/cloudflare/releases.ts';
import type { TreeDeps } from '../../../../activities/platforms/cloudflare/tree.ts';
import { failureOf, name, startWorkshop } from './fixture.ts';
import type { Workshop } from './fixture.ts';

const place = `workers/${name}`;
/** A Worker that has only assets, so that no test waits for the bundler. */
const onlyAssets = {
  [`${place}/wrangler.jsonc`]: JSON.stringify({ name, assets: { directory: 'public' } }),
  [`${place}/public/index.html`]: 'hello\n',
  [`${place}/package.json`]: JSON.stringify({ name, scripts: { postinstall: 'exit 7' } }),
};
/** A wrangler that only prints what it gets. */
const printing = `
import { readdirSync, readFileSync, existsSync } from 'node:fs';
const args = process.argv.slice(2, process.argv.indexOf('--env-file'));
const file = JSON.parse(readFileSync('wrangler.plimsoll.json', 'utf8'));
const { directory } = file.assets ?? {};
const seen = [readdirSync('.'), directory === undefined ? [] : readdirSync(directory)];
const hidden = directory !== undefined && !existsSync(directory + '/../package.json');
for (const part of [args, seen, [hidden, 'CLOUDFLARE_API_TOKEN' in process.env]])
  console.log(JSON.stringify(part));
process.exitCode = 1;`;

let at: Workshop;
let directory: string;
let deps: TreeDeps;
beforeAll(async () => {
  at = await startWorkshop([onlyAssets]);
  directory = await realpath(await mkdtemp(join(tmpdir(), 'plimsoll-printing-')));
  await mkdir(join(directory, 'bin'));
  const bin = join(directory, 'bin', 'print.mjs');
  await writeFile(bin, printing);
  const wrangler = { bin, version: '4.164.0', from: 'Plimsoll' } as const;
  deps = { ...at.deps, ownWrangler: async () => wrangler };
});
afterAll(async () => {
  await at.close();
  await rm(directory, { recursive: true, force: true });
});

const printed = async (call: Promise<unknown>) => {
  const { message } = await failureOf(call);
  const [args, seen, [hidden, token]] = message
    .split('\n')
    .slice(-3)
    .map((line) => JSON.parse(line)) as [string[], string[][], [boolean, boolean]];
  return { args, seen, hidden, token };
};
const asked = () => ({ worker: at.worker, source: at.source(0), key: at.key(0) });
const keyed = () => ['--tag', at.key(0).tag, '--message', at.key(0).message, '--strict'];
const last = ['--experimental-provision=false', '--config', 'wrangler.plimsoll.json'];

describe('wrangler may create no resource', () => {
  test('when it uploads a version', async () => {
    const { args } = await printed(uploadVersion(deps, asked()));
    expect(args).toEqual(['versions', 'upload', '--name', name, ...keyed(), ...last]);
  });

  test('when it deploys the worker', async () => {
    const { args } = await printed(deployWorker(deps, asked()));
    expect(args).toEqual(['deploy', '--name', name, ...keyed(), ...last]);
  });

  test('when it sets routes and schedules', async () => {
    const { args } = await printed(setTriggers(deps, at.worker, at.source(0)));
    expect(args).toEqual(['triggers', 'deploy', '--name', name, ...last]);
  });
});

test('the wrangler that has the token sees only the output of the build', async () => {
  const { seen, token, hidden } = await printed(uploadVersion(deps, asked()));
  expect({ seen, token }).toEqual({
    seen: [['wrangler.plimsoll.json'], ['index.html']],
    token: true,
  });
  expect(hidden).toBe((await at.deps.builder.isolation()).kind !== 'none');
});
