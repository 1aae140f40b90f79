import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importCosts } from '../../../activities/budget/import-costs.ts';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import { noon } from './budget-fixture.ts';

let directory: string;
let path: string;
let ledger: Ledger;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-costs-'));
  path = join(directory, 'costs.jsonl');
  ledger = await openLedger({ path: ':memory:' });
});
afterEach(async () => {
  await ledger.close();
  rmSync(directory, { recursive: true });
});

const line = (n: number, over: object = {}) =>
  `${JSON.stringify({
    ...{ timestamp: new Date(noon - 60_000 + n).toISOString(), agent: 'writer', model: 'm' },
    ...{ input_tokens: n, output_tokens: 1, cost_usd: 0.01, ...over },
  })}\n`;
const take = (at = path) => importCosts(ledger.book, at, noon);
const cents = async () => (await ledger.book.spending(noon)).costs.day / 10_000;
const bad = async () => (await ledger.book.badLines(noon, 10)).newest;

test('a file that begins with a byte order mark', async () => {
  writeFileSync(path, `\uFEFF${line(1)}`);
  await take();
  expect([await cents(), await bad()]).toEqual([1, []]);
});

test('what is there, then what was added, and nothing twice', async () => {
  writeFileSync(path, line(1) + line(2));
  expect(await take()).toBe(0);
  expect(await cents()).toBe(2);
  expect(await take()).toBe(0);
  appendFileSync(path, line(3));
  await take();
  await take();
  expect(await cents()).toBe(3);
});

test('two lines that say the same are two costs', async () => {
  writeFileSync(path, line(1) + line(1));
  await take();
  expect(await cents()).toBe(2);
});

test('a line that is being written waits for its end', async () => {
  const whole = line(2);
  writeFileSync(path, line(1) + whole.slice(0, 20));
  expect(await take()).toBe(1);
  expect([await cents(), await bad()]).toEqual([1, []]);
  appendFileSync(path, whole.slice(20));
  expect(await take()).toBe(0);
  expect([await cents(), await bad()]).toEqual([2, []]);
});

test('bad lines are kept with their place, and the good ones around them count', async () => {
  writeFileSync(path, `${line(1)}nonsense\n\n${line(2, { cost_usd: 'a lot' })}${line(3)}`);
  await take();
  expect(await cents()).toBe(2);
  expect(await bad()).toMatchObject([
    { path, line: 4, why: '"cost_usd" is not an amount in dollars' },
    { path, line: 2, why: 'it is not JSON' },
  ]);
  appendFileSync(path, '}\n');
  await take();
  expect((await bad())[0]).toMatchObject({ path, line: 6 });
});

test('a file that is turned away and begun anew is two files', async () => {
  writeFileSync(path, line(1) + line(2));
  await take();
  renameSync(path, `${path}.1`);
  writeFileSync(path, line(5));
  await take();
  await take(`${path}.1`);
  expect(await cents()).toBe(3);
});

test('a file that was cut is read from its beginning', async () => {
  writeFileSync(path, line(1) + line(2) + line(3));
  await take();
  truncateSync(path, line(1).length);
  appendFileSync(path, line(7));
  await take();
  expect(await cents()).toBe(4);
});

test('an empty file, and one without a whole line, say nothing', async () => {
  writeFileSync(path, '');
  expect(await take()).toBe(0);
  writeFileSync(path, '{"timestamp"');
  expect(await take()).toBe(0);
  expect([await cents(), await bad()]).toEqual([0, []]);
});

test('lines as long as a file, and letters of several bytes at the edge of a read', async () => {
  const long = `{"agent":"${'x'.repeat(300_000)}"}\n`;
  const others = Array.from({ length: 3000 }, (_, n) => line(n, { agent: 'zoë-å' })).join('');
  writeFileSync(path, long + others);
  await take();
  expect((await bad()).map(({ line: at, why }) => [at, why])).toEqual([[1, 'it is not JSON']]);
  const { costs } = await ledger.book.spending(noon);
  expect({ ...costs.agents }).toEqual({ 'zoë-å': 3000 * 10_000 });
});

describe('a file that cannot be read', () => {
  test('is an error of the file system', async () => {
    await expect(take()).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(take(directory)).rejects.toMatchObject({ code: 'EISDIR' });
  });
});
