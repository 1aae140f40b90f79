import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { listedNightly } from '../../bin/test-report.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('CONTRIBUTING lists every file of the nightly lane', () => {
  const files = readdirSync(`${root}/test`, { recursive: true })
    .filter((name) => String(name).endsWith('.nightly.test.ts'))
    .map((name) => `test/${name}`);
  expect(listedNightly(readFileSync(`${root}/CONTRIBUTING.md`, 'utf8'))).toEqual(files.toSorted());
});
