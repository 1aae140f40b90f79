import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ensureDependencies } from '../../bin/setup.mjs';
import { pathLine } from '../../client/path-line.ts';
import { nextSteps } from '../../sandbox/demo/next-steps.ts';
import { temporary } from '../bin/fake-command.ts';

const bin = join(import.meta.dirname, '../../node_modules/.bin');
const line = `export PATH="${bin}:$PATH"`;

test('a clone says the line that makes plimsoll a command', () => {
  expect(pathLine({})).toEqual([line]);
  expect(pathLine({ PATH: ['/usr/bin', '', bin].join(delimiter) })).toEqual([line]);
});

test('where every terminal has the command, nothing is said', () => {
  const place = temporary('global');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'plimsoll'), '');
  expect(pathLine({ PATH: `${bin}${delimiter}${place}` })).toEqual([]);
  expect(pathLine({}, join(place, 'node_modules', '.bin'))).toEqual([]);
});

test('what npm start prints works as it is printed, in a terminal that knew no plimsoll', async () => {
  await ensureDependencies();
  const env = { PATH: [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter) };
  const fleet = {
    keys: { casey: '/k/casey', morgan: '/k/morgan' },
    sandbox: { control: { address: 'http://127.0.0.1:1' } },
  };
  const page = nextSteps({ fleet, address: '127.0.0.1:1', uiUrl: 'http://127.0.0.1:2' }, env);
  const typed = page.split('\n').filter((text) => text.startsWith('  '));
  const commands = typed.filter((text) => /plimsoll /.test(text));
  expect(typed[0]).toBe(`  ${line}`);
  expect(commands).toHaveLength(6);
  const script = typed.map((text) => (commands.includes(text) ? `${text} --help` : text));
  const shown = execFileSync('bash', ['-euc', script.join('\n')], { cwd: '/', env }).toString();
  expect(shown.match(/^Usage: plimsoll \S+/gm)).toEqual([
    'Usage: plimsoll history',
    'Usage: plimsoll incidents',
    'Usage: plimsoll sandbox',
    'Usage: plimsoll deploy',
    'Usage: plimsoll approve',
    'Usage: plimsoll watch',
  ]);
});
