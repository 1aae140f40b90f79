import { execFile } from 'node:child_process';
import {
  copyFileSync,
  globSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporary } from '../bin/fake-command.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Returns the lint rules that the code `source` breaks if it is in the file `path` of a project
 * with our lint configuration.
 */
async function refusals(path: string, source: string, flags: string[] = []): Promise<string[]> {
  const project = temporary('lint');
  for (const file of ['.oxlintrc.json', 'tsconfig.json', 'package.json'])
    copyFileSync(join(root, file), join(project, file));
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), source);
  const oxlint = join(root, 'node_modules', '.bin', 'oxlint');
  const output = await new Promise<string>((resolve) => {
    const args = [oxlint, '--format=json', ...flags, path];
    execFile(process.execPath, args, { cwd: project }, (_, stdout) => resolve(stdout));
  });
  const { diagnostics } = JSON.parse(output) as { diagnostics: { code: string }[] };
  return diagnostics.map(({ code }) => /\((.*)\)/.exec(code)?.[1] ?? code);
}

const uses = (statement: string) => `${statement}\nexport const used: unknown = x;\n`;
const usesType = (statement: string) => `${statement}\nexport type Used = x;\n`;
const value = (from: string) => uses(`import { x } from '${from}';`);
const type = (from: string) => usesType(`import type { x } from '${from}';`);

const restricted = 'no-restricted-imports';

test.each([
  ['workflows/a.ts', value('../activities/a.ts')],
  ['workflows/a.ts', type('../activities/a.ts')],
  ['workflows/platforms/a.ts', value('../../activities/a.ts')],
  ['workflows/platforms/a.ts', type('../../worker/a.ts')],
  ['workflows/a.ts', value('../client/a.ts')],
  ['workflows/a.ts', value('../sandbox/a.ts')],
  ['workflows/a.ts', value('node:fs')],
  ['workflows/a.ts', value('zod')],
  ['workflows/a.ts', type('@octokit/rest')],
  ['workflows/a.ts', value('@temporalio/client')],
  ['workflows/a.ts', value('@temporalio/worker')],
  ['workflows/a.ts', value('@temporalio/activity')],
  ['workflows/a.ts', value('@temporalio/common')],
  ['activities/a.ts', value('../workflows/a.ts')],
  ['activities/lib/a.ts', type('../../workflows/a.ts')],
  ['activities/a.ts', value('../worker/a.ts')],
  ['activities/a.ts', value('../client/a.ts')],
  ['activities/a.ts', value('../sandbox/a.ts')],
  ['activities/a.ts', value('@temporalio/workflow')],
  ['domain/a.ts', value('../activities/a.ts')],
  ['domain/rollback/a.ts', type('../../workflows/a.ts')],
  ['domain/a.ts', value('zod')],
  ['domain/a.ts', type('zod')],
  ['domain/a.ts', value('node:crypto')],
  ['domain/config/config.ts', value('node:crypto')],
  ['domain/config/config.ts', value('../worker/a.ts')],
  ['worker/a.ts', value('../sandbox/a.ts')],
  ['worker/engine/a.ts', value('../../test/a.ts')],
  ['worker/a.ts', value('../client/a.ts')],
  ['worker/a.ts', value('../workflows/a.ts')],
  ['client/a.ts', value('../sandbox/a.ts')],
  ['client/commands/a.ts', type('../../activities/a.ts')],
  ['client/a.ts', value('../workflows/a.ts')],
])('%s may not say %j', async (path, source) => {
  expect(await refusals(path, source)).toEqual([restricted]);
});

test.each([
  ['workflows/a.ts', value('@temporalio/workflow')],
  ['workflows/a.ts', type('@temporalio/common')],
  ['workflows/platforms/a.ts', value('../proxies.ts')],
  ['workflows/platforms/a.ts', value('../../domain/rollback/a.ts')],
  ['activities/a.ts', value('../domain/a.ts')],
  ['activities/a.ts', value('@temporalio/activity')],
  ['activities/a.ts', value('node:fs')],
  ['domain/rollback/a.ts', value('../plan.ts')],
  ['domain/config/config.ts', value('zod')],
  ['worker/a.ts', value('../activities/a.ts')],
  ['client/a.ts', value('../worker/a.ts')],
  ['client/a.ts', value('@temporalio/client')],
])('%s may say %j', async (path, source) => {
  expect(await refusals(path, source)).toEqual([]);
});

test.each([
  ['workflows/a.ts', 'export const a = () => process.env.A;', 'no-restricted-globals'],
  ['workflows/a.ts', `export const a = () => fetch('http://127.0.0.1');`, 'no-restricted-globals'],
  ...['activities/a.ts', 'activities/platforms/vps/a.ts', 'worker/a.ts', 'client/a.ts'].map(
    (path) => [path, `export const a = () => fetch('http://127.0.0.1');`, 'no-restricted-globals'],
  ),
  ['domain/a.ts', 'export const a = () => process.env.A;', 'no-restricted-globals'],
  ['domain/rollback/a.ts', 'export const a = () => Date.now();', 'no-restricted-properties'],
  ['domain/rollback/a.ts', 'export const a = () => Math.random();', 'no-restricted-properties'],
  ['client/a.ts', 'export default 1;', 'no-default-export'],
  ['client/a.ts', `import { x } from './x.ts';\nexport type Used = x;`, 'consistent-type-imports'],
])('%s may not say %j', async (path, source, rule) => {
  expect(await refusals(path, source)).toEqual([rule]);
});

const floating = `import { proxyActivities } from '@temporalio/workflow';
type Activities = { deploy(): Promise<void> };
const { deploy } = proxyActivities<Activities>({ startToCloseTimeout: '1 minute' });
export async function saga() {
  deploy();
}
`;

test('an activity that nobody awaits is refused, in workflows and elsewhere', async () => {
  expect(await refusals('workflows/a.ts', floating, ['--type-aware'])).toEqual([
    'no-floating-promises',
  ]);
  const plain = 'const effect = async () => {};\nexport const a = () => {\n  effect();\n};\n';
  expect(await refusals('activities/a.ts', plain, ['--type-aware'])).toEqual([
    'no-floating-promises',
  ]);
});

test('npm run check lints with types', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(scripts.lint).toBe('oxlint --type-aware');
});

// oxlint has no rule that forbids `new Date()`, which reads the clock, and allows `new Date(text)`,
// which does not.
test('domain/ reads no clock', () => {
  const readsClock = /new Date\(\s*\)|\bDate\(\s*\)/;
  expect(readsClock.test('const now = new Date();')).toBe(true);
  expect(readsClock.test('const then = new Date(text);')).toBe(false);
  const files = globSync('domain/**/*.ts', { cwd: root });
  expect(files.length).toBeGreaterThan(5);
  const guilty = files.filter((file) => readsClock.test(readFileSync(join(root, file), 'utf8')));
  expect(guilty).toEqual([]);
});

/**
 * If a cancelled activity is abandoned, the SDK cannot process a later failure or time-out of that
 * activity. Therefore no activity may have the cancellation type ABANDON.
 */
test('no activity is abandoned when its scope is cancelled', () => {
  const abandons = /ActivityCancellationType\.ABANDON|cancellationType:\s*'ABANDON'/;
  expect(abandons.test('cancellationType: ActivityCancellationType.ABANDON,')).toBe(true);
  expect(abandons.test("cancellationType: 'ABANDON',")).toBe(true);
  expect(abandons.test('parentClosePolicy: ParentClosePolicy.ABANDON,')).toBe(false);
  const files = globSync('workflows/**/*.ts', { cwd: root });
  expect(files.length).toBeGreaterThan(5);
  const guilty = files.filter((file) => abandons.test(readFileSync(join(root, file), 'utf8')));
  expect(guilty).toEqual([]);
});
