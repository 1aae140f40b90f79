import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readJunit } from '../../../activities/gates/junit.ts';
import { judgeTests, ranIn } from '../../../domain/gates/tests.ts';

const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-reports-'));
  symlinkSync(modules, join(root, 'node_modules'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const framework = { node: 'node:test', vitest: 'vitest' };
const good = `test('pays', () => {});
test.skip('refunds', () => {});
test.todo('ships');
`;
const runs: [string, string, { tests: number; ran: number; failures: number; open: boolean }][] = [
  ['good', good, { tests: 3, ran: 1, failures: 0, open: true }],
  [
    'failed',
    `${good}test('fails', () => { throw new Error('no'); });\n`,
    { tests: 4, ran: 2, failures: 1, open: false },
  ],
  ['lost', `import './nowhere.mjs';\n${good}`, { tests: 1, ran: 1, failures: 1, open: false }],
];

/** Runs a test file with the real program, and returns its JUnit report. */
async function reportOf(program: keyof typeof framework, name: string, text: string) {
  const directory = join(root, program, name);
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'shop.test.mjs');
  const report = join(directory, 'report.xml');
  writeFileSync(file, `import { test } from '${framework[program]}';\n${text}`);
  const args =
    program === 'node'
      ? ['--test', '--test-reporter=junit', `--test-reporter-destination=${report}`, file]
      : [join(modules, 'vitest/vitest.mjs'), 'run', '--root', directory].concat([
          ...['--reporter=junit', `--outputFile=${report}`],
        ]);
  const { PATH = '' } = process.env;
  await new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: directory, env: { PATH } }, resolve);
  });
  return readFileSync(report, 'utf8');
}

for (const program of ['node', 'vitest'] as const)
  test.each(runs)(`the report that ${program} writes now: %s`, async (name, text, expected) => {
    const junit = readJunit(await reportOf(program, name, text));
    if (typeof junit === 'string') throw new Error(junit);
    const { open } = judgeTests({
      ...{ required: ['junit'], statuses: [], critical: [], minimumTests: 0, sourceErrors: [] },
      checkRuns: [{ name: 'junit', status: 'completed', conclusion: 'success' }],
      junit,
    });
    const { tests, failures } = junit;
    expect({ tests, ran: ranIn(junit), failures, open }).toEqual(expected);
  });
