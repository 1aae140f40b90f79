import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellWord } from '../../../domain/lib/shell-word.ts';

test('a usual name of a branch is one word as it is', () => {
  expect(['main', 'feat/a_b-c.1', 'v1.2.3', '1a2b3c4'].map(shellWord)).toEqual([
    ...['main', 'feat/a_b-c.1', 'v1.2.3', '1a2b3c4'],
  ]);
});

test('a shell reads every other name as one word, and runs nothing of it', () => {
  const names = ['$(id)', '`id`', "a'b", 'a;id', 'a b', '', '"', "'$(id)'", '!!', '#x', '~'];
  const echo = `printf '%s\\n' ${names.map(shellWord).join(' ')}`;
  expect(execFileSync('sh', ['-c', echo], { encoding: 'utf8' })).toBe(`${names.join('\n')}\n`);
});
