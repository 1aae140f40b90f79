import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { fencesOf, stepsOf, wasShown } from '../support/tutorial.ts';

const page = readFileSync(
  fileURLToPath(new URL('../../docs/tutorial.md', import.meta.url)),
  'utf8',
);

describe('the tutorial', () => {
  test('every command is run by test/e2e/tutorial.nightly.test.ts, or says why it cannot be', () => {
    const steps = stepsOf(page);
    const not = steps.filter(({ how }) => how === 'not-run').map(({ why }) => why);
    expect(not).toEqual(['on your host, as root', 'asks for your host']);
    expect(steps.filter(({ how }) => how === 'stays').map(({ sh }) => sh)).toEqual([
      'npm run practice\n',
      '. .plimsoll/practice.env\nexport PATH="$PWD/node_modules/.bin:$PATH"\nplimsoll up\n',
    ]);
  });

  test('it has no other fences, and none that is not read', () => {
    const fences = fencesOf(page);
    expect(new Set(fences.map(({ language }) => language))).toEqual(new Set(['sh', 'text']));
    expect(page.match(/^\s*(```|~~~)/gm)).toHaveLength(fences.length * 2);
  });

  test('it takes a reader through all of it', () => {
    const typed = stepsOf(page)
      .filter(({ how }) => how !== 'not-run')
      .map(({ sh }) => sh)
      .join('');
    const verbs = ['init', 'up', 'doctor', 'deploy', 'approve', 'watch', 'history', 'incidents'];
    expect([...verbs, 'lift'].filter((it) => !typed.includes(`plimsoll ${it}`))).toEqual([]);
  });
});

describe('how a page is followed', () => {
  test('a mark that nobody knows is refused', () => {
    expect(() => stepsOf('```sh skip\nls\n```\n')).toThrow(
      '"sh skip" has an unknown mark: use exit=N, stays or "not-run: REASON"',
    );
  });

  test('what is shown belongs to the command before it', () => {
    expect(stepsOf('```sh exit=5\na\n```\n\n```text\nb\n```\n\n```sh\nc\n```\n')).toEqual([
      { how: 'run', exit: 5, why: '', sh: 'a\n', shown: 'b\n' },
      { how: 'run', exit: 0, why: '', sh: 'c\n', shown: null },
    ]);
  });

  test.each([
    ['whole lines', 'b\nc', true],
    ['with a part left out', 'a … z\nb', true],
    ['with lines left out', 'a … z\n…\nd', true],
    ['but not a part of a line', 'a 1', false],
    ['nor in another order', 'c\nb', false],
    ['nor with a line between', 'b\nd', false],
    ['nor a pattern for itself', '. c', false],
  ])('%s', (_, expected, shown) => {
    expect(wasShown(expected, 'a 1 z\nb\nc\nd')).toBe(shown);
  });
});
