import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  deployWorker,
  setTriggers,
  uploadVersion,
} from '../../../../activities/platforms/cloudflare/releases.ts';
import { workers } from '../../../../sandbox/samples/workers.ts';
import { failureOf, name, startWorkshop } from './fixture.ts';
import type { Workshop } from './fixture.ts';

/** A wrangler in the commit that only prints its arguments, so that no test waits for the real one. */
const place = `workers/${name}/node_modules/wrangler`;
const printing = {
  [`${place}/package.json`]: JSON.stringify({
    ...{ name: 'wrangler', version: '4.164.0', type: 'module' },
    bin: { wrangler: './print.js' },
  }),
  [`${place}/print.js`]:
    "console.log(JSON.stringify(process.argv.slice(2, process.argv.indexOf('--env-file'))));\n" +
    'process.exitCode = 1;\n',
  [`${place}/wrangler-dist/cli.js`]: 'options({"experimental-provision": {}})',
};

let at: Workshop;
beforeAll(async () => {
  at = await startWorkshop([{ ...workers.good(name), ...printing }]);
});
afterAll(() => at.close());

const argumentsOf = async (call: Promise<unknown>) => {
  const { message } = await failureOf(call);
  return JSON.parse(message.split('\n').at(-1) ?? '') as string[];
};

describe('wrangler may create no resource', () => {
  const asked = () => ({ worker: at.worker, source: at.source(0), key: at.key(0) });
  const keyed = () => ['--tag', at.key(0).tag, '--message', at.key(0).message, '--strict'];
  const last = ['--experimental-provision=false', '--config', 'wrangler.jsonc'];

  test('when it uploads a version', async () => {
    expect(await argumentsOf(uploadVersion(at.deps, asked()))).toEqual([
      ...['versions', 'upload', '--name', name],
      ...keyed(),
      ...last,
    ]);
  });

  test('when it deploys the worker', async () => {
    expect(await argumentsOf(deployWorker(at.deps, asked()))).toEqual([
      ...['deploy', '--name', name],
      ...keyed(),
      ...last,
    ]);
  });

  test('when it sets routes and schedules', async () => {
    expect(await argumentsOf(setTriggers(at.deps, at.worker, at.source(0)))).toEqual([
      ...['triggers', 'deploy', '--name', name],
      ...last,
    ]);
  });
});
