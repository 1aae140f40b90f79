import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { budget } from '../../../worker/doctor/budget.ts';
import { localSite } from '../../activities/lib/local-site.ts';
import { configOf } from './doctor-fixture.ts';

let directory: string;
let site: Awaited<ReturnType<typeof localSite>>;
let says = '';
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-doctor-'));
  site = await localSite((_, to) => to.end(says));
});
afterAll(async () => {
  await site.close();
  rmSync(directory, { recursive: true });
});

const look = (top: object, cost?: object, env = {}) => {
  const config = configOf({ top: { sandbox: true, ...top } });
  const { production } = config.projects['shop']?.environments ?? {};
  if (production && cost) Object.assign(production, { cost });
  return budget(config, env);
};
const costs = () => {
  const path = join(directory, 'costs.jsonl');
  writeFileSync(path, '');
  return [path];
};

test('none is said', async () => {
  expect(await look({})).toMatchObject({
    ...{ state: 'absent', text: 'not configured: spending is not counted' },
  });
});

test('an environment without a cost would close its gate', async () => {
  expect(await look({ budget: {} })).toMatchObject({
    state: 'problem',
    text:
      'No cost is configured for: shop production. The budget gate of these environments would be closed.\n' +
      'Set "cost" of each environment in plimsoll.yaml: { perDeploy: 0.1 }, or { perBuildMinute: 0.014, buildMinutes: 3 }',
  });
});

test('alerts without a receiver are reported', async () => {
  const slack = { api: 'http://127.0.0.1:1/', token: 'env:T' };
  const text = '$20 a day, $1000 a month, $5 a deploy without a human, $10 a day for an agent';
  const priced = { perDeploy: 0.1 };
  expect(await look({ budget: {} }, priced)).toMatchObject({
    state: 'ok',
    text:
      `${text}; cost files: 0.\n` +
      'NOBODY IS NOTIFIED at 50, 75, 90 and 100 % of a limit: plimsoll.yaml has neither ' +
      '"slack" nor "page". Add one of them and start the worker again.',
  });
  expect(await look({ budget: {}, slack }, priced)).toMatchObject({
    ...{ state: 'ok', text: `${text}; cost files: 0` },
  });
});

test('every source is read', async () => {
  says = JSON.stringify({
    ...{ date: new Date().toISOString().slice(0, 10), day_usd: 1.5, month_usd: 30 },
  });
  const summary = { url: site.url, token: 'env:COSTS_TOKEN' };
  const page = { webhook: 'http://127.0.0.1:1/page' };
  const priced = { perDeploy: 0.1 };
  expect(await look({ budget: { costs: costs(), summary } }, priced)).toMatchObject({
    ...{ state: 'unchecked', text: 'needs COSTS_TOKEN' },
  });
  const env = { COSTS_TOKEN: 't' };
  expect(await look({ budget: { costs: costs(), summary }, page }, priced, env)).toMatchObject({
    state: 'ok',
    text:
      '$20 a day, $1000 a month, $5 a deploy without a human, $10 a day for an agent; cost files: 1; ' +
      `${site.url} reports $1.50 today, $30.00 this month`,
  });
  says = 'nothing';
  expect(await look({ budget: { summary } }, priced, env)).toMatchObject({
    state: 'problem',
    text: expect.stringContaining('its answer is not a JSON object'),
  });
  const gone = join(directory, 'gone.jsonl');
  expect(await look({ budget: { costs: [gone] } }, priced)).toMatchObject({
    state: 'problem',
    text:
      `${gone} of "budget.costs" cannot be read (ENOENT): the budget gate would be closed.\n` +
      `See why: ls -l ${gone}\nIf nothing was spent yet, create the file: touch ${gone}`,
  });
});
