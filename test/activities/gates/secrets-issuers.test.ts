import { describe, expect, test } from 'vitest';
import { findSecrets } from '../../../activities/gates/secrets/lint.ts';
import { issuers } from '../../../activities/gates/secrets/marks.ts';
import { formats } from './issuer-formats.ts';

const places: [file: string, write: (key: string) => string][] = [
  ['a.ts', (key) => `const a = use('${key}');\n`],
  ['.env', (key) => `A=${key}\n`],
  ['README.md', (key) => `Then call it with ${key} and wait.\n`],
  ['test/a.json', (key) => JSON.stringify({ a: [key] })],
];
const drawnEach = 20;

test('every issuer of the rules has a documented format here, and there are at least 60', () => {
  const known = new Set(formats.map(([rule]) => rule));
  expect([...new Set(issuers.map(({ rule }) => rule))].filter((rule) => !known.has(rule))).toEqual(
    [],
  );
  expect(known.size).toBeGreaterThanOrEqual(60);
});

test('a mark of an issuer is in every key that its pattern matches', () => {
  for (const { marks } of issuers) expect(marks.every((mark) => mark.length >= 1)).toBe(true);
});

describe.each(places)('in %s', (file, write) => {
  test('of the drawn keys of each issuer at least 97 % are found, and 99 % of all', async () => {
    const missed: string[] = [];
    for (const [rule, draw] of formats) {
      let lost = 0;
      for (let drawn = 0; drawn < drawnEach; drawn += 1) {
        const key = draw();
        const text = file.endsWith('.json') && key.includes('"') ? key : write(key);
        if ((await findSecrets(text, file)).length === 0) lost += 1;
      }
      if (lost > 0) missed.push(`${rule} ${lost} of ${drawnEach}, such as ${draw().slice(0, 6)}`);
      expect([rule, lost <= 2]).toEqual([rule, true]);
    }
    const all = formats.length * drawnEach;
    const lost = missed.reduce((sum, line) => sum + Number(/ (\d+) of/.exec(line)?.[1]), 0);
    console.log(`${file}: ${all - lost} of ${all} found`, missed);
    expect(1 - lost / all).toBeGreaterThanOrEqual(0.97);
  });
});

test.each(
  formats.filter(([rule]) => !/service-account|akamai|ngrok|github|azure-storage/.test(rule)),
)('a placeholder in the format of %s is no key', async (_, draw) => {
  const shown = draw().replaceAll(/[A-Za-z0-9](?=[A-Za-z0-9_+/~=%-]*$)/g, 'x');
  expect(await findSecrets(`Set KEY to ${shown}.\n`, 'README.md')).toEqual([]);
});
