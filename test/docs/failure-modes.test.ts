import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const at = (path: string) => new URL(`../../docs/${path}`, import.meta.url);
const page = readFileSync(at('failure-modes.md'), 'utf8');
const rows = [...page.matchAll(/^\| (F[\d, F]+?) +\| (.+?) +\| \[.+?\]\((.+?)\).*\|$/gm)];

test.each(rows.map(([, modes, title, path]) => ({ modes, title, path })))(
  '$modes: "$title" is a test',
  ({ title = '', path = '' }) => {
    expect(readFileSync(at(path), 'utf8')).toContain(title);
  },
);

test('every mode has a test', () => {
  const named = [...page.matchAll(/^\| (F\d+) +\| [^|]+\| [^[|]+\|$/gm)].map(([, mode]) => mode);
  expect(named.length).toBeGreaterThan(7);
  const tested = new Set(rows.flatMap(([, modes = '']) => modes.split(', ')));
  expect(named.filter((mode) => !tested.has(mode ?? ''))).toEqual([]);
});
