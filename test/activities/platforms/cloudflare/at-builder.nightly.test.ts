import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createBuilder } from '../../../../activities/builds/builder.ts';
import { defaultBuilds } from '../../../../domain/config/builds.ts';
import { builder as machines } from '../../../support/builder.ts';
import { startBuilder } from '../../../support/start-builder.ts';
import { ask } from '../../../sandbox/platforms/cloudflare/cloudflare-fixture.ts';
import { name } from './fixture.ts';
import { cloudflarePlace } from './place.ts';

const isolated = (await machines.isolation()).kind === 'bubblewrap';

test.runIf(isolated)(
  'a Worker is built by another process, and deployed with the token',
  async () => {
    const base = await realpath(await mkdtemp(join(tmpdir(), 'plimsoll-at-builder-')));
    const directory = join(base, 'builds');
    const { stop } = await startBuilder(directory);
    const place = `workers/${name}`;
    const make = `const fs = require('fs'), told = process.env.CLOUDFLARE_API_TOKEN ?? 'no token';
    fs.writeFileSync('made.js', "export default { fetch: () => new Response('" + require('dep') + told + "') };");`;
    const config = {
      ...{ name, main: 'made.js', compatibility_date: '2026-01-01', workers_dev: true },
      ...{ preview_urls: true, build: { command: 'node make.cjs' } },
    };
    const packages = {
      '': { name, dependencies: { dep: 'file:dep' } },
      dep: { name: 'dep', version: '1.0.0' },
      'node_modules/dep': { resolved: 'dep', link: true },
    };
    const at = await cloudflarePlace(
      [
        {
          [`${place}/wrangler.json`]: JSON.stringify(config),
          [`${place}/make.cjs`]: make,
          [`${place}/package.json`]: JSON.stringify({ name, dependencies: { dep: 'file:dep' } }),
          [`${place}/package-lock.json`]: JSON.stringify({ name, lockfileVersion: 3, packages }),
          [`${place}/dep/package.json`]: JSON.stringify({ name: 'dep', version: '1.0.0' }),
          [`${place}/dep/index.js`]: "module.exports = 'from npm, '",
        },
      ],
      { builder: createBuilder({ ...defaultBuilds, isolation: 'builder', directory }) },
    );
    try {
      await at.deployed(0);
      expect(await ask(at.target.url)).toEqual({ status: 200, body: 'from npm, no token' });
      expect(await readdir(join(directory, 'trees'))).toEqual([]);
      expect(await readdir(join(directory, 'outputs'))).toEqual([]);
    } finally {
      await at.close();
      await stop();
      await rm(base, { recursive: true, force: true });
    }
  },
);
