import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { expect, test } from 'vitest';

/** The TypeScript files that Node itself loads. The tests are loaded by Vitest, which accepts more. */
const files = execFileSync('git', ['ls-files', '*.ts', ':!test', ':!vitest.config.ts'])
  .toString()
  .split('\n')
  .filter(Boolean);

const unreadable = (text: string): string | null => {
  try {
    stripTypeScriptTypes(text);
    return null;
  } catch (cause) {
    return (cause as Error).message;
  }
};

test('Node can load every source file', () => {
  const found = files.map((file) => [file, unreadable(readFileSync(file, 'utf8'))] as const);
  expect(found.length).toBeGreaterThan(500);
  expect(found.filter(([, why]) => why !== null)).toEqual([]);
});

test('a file that only Vitest can load is found', () => {
  expect(unreadable("for (const of of ['a'] as const) console.log(of);")).toMatch(/declaration/);
  expect(unreadable('enum A { b }')).toMatch(/enum/i);
});
