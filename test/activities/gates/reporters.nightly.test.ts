import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readJunits } from '../../../activities/gates/junit.ts';
import { judgeTests, ranIn } from '../../../domain/gates/tests.ts';

const execute = promisify(execFile);
const root = mkdtempSync(join(tmpdir(), 'plimsoll-reporters-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const has = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
/** Keeps the settings of npm, pip and Go, such as the address of a registry. */
const environment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'))),
  PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
  NODE_ENV: '',
  CI: '1',
});
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

type Program = {
  /** The files of a run with one test that passes and one that is skipped. */
  good: Record<string, string>;
  /** Further files: a test that fails, and a file that cannot be loaded. */
  fails: Record<string, string>;
  lost: Record<string, string>;
  command: string;
};

const passes = "it('pays', () => {});\nit.skip('refunds', () => {});\n";
const throws = "it('fails', () => { throw new Error('no'); });\n";
const programs: Record<string, Program> = {
  jest: {
    good: { 'a.test.js': passes, 'package.json': '{}' },
    fails: { 'b.test.js': throws },
    lost: { 'c.test.js': "require('./nowhere');\nit('never runs', () => {});" },
    command: `JEST_JUNIT_OUTPUT_FILE=out/r.xml ${bin('jest')} --rootDir . --reporters=jest-junit`,
  },
  mocha: {
    good: { 'a.spec.js': passes },
    fails: { 'b.spec.js': throws },
    lost: { 'c.spec.js': "before(() => { throw new Error('no'); });\nit('never runs', () => {});" },
    command: `MOCHA_FILE=out/r.xml ${bin('mocha')} --reporter mocha-junit-reporter '*.spec.js'`,
  },
  playwright: {
    good: {
      'a.spec.js':
        "const { test } = require('@playwright/test');\ntest('pays', () => {});\ntest.skip('refunds', () => {});",
    },
    fails: {
      'b.spec.js':
        "const { test } = require('@playwright/test');\ntest('fails', () => { throw new Error('no'); });",
    },
    lost: { 'c.spec.js': "require('./nowhere');" },
    command: `PLAYWRIGHT_JUNIT_OUTPUT_NAME=out/r.xml ${bin('playwright')} test --reporter=junit`,
  },
  pytest: {
    good: {
      'test_a.py':
        'import pytest\ndef test_pays(): pass\n@pytest.mark.skip\ndef test_refunds(): pass\n',
    },
    fails: { 'test_b.py': 'def test_fails(): assert False\n' },
    lost: { 'test_c.py': 'import nowhere\n' },
    command: `${join(root, 'python/bin/pytest')} --junitxml=out/r.xml`,
  },
  behave: {
    good: {
      'features/a.feature':
        'Feature: a\n  Scenario: pays\n    Given it works\n  @skip\n  Scenario: refunds\n    Given it works\n',
      'features/steps/a.py':
        "from behave import given\n@given('it works')\ndef works(context): pass\n" +
        "@given('it fails')\ndef fails(context): assert False\n",
    },
    fails: { 'features/b.feature': 'Feature: b\n  Scenario: fails\n    Given it fails\n' },
    lost: { 'features/c.feature': 'Feature: c\n  Scenario: lost\n    Given nobody knows it\n' },
    command: `${join(root, 'python/bin/behave')} --junit --junit-directory out --tags 'not @skip'`,
  },
  go: {
    good: {
      'go.mod': 'module shop\n',
      'a/a_test.go':
        'package a\nimport "testing"\nfunc TestPays(t *testing.T) {}\nfunc TestRefunds(t *testing.T) { t.Skip() }\n',
    },
    fails: {
      'b/b_test.go': 'package b\nimport "testing"\nfunc TestFails(t *testing.T) { t.Fail() }\n',
    },
    lost: { 'c/c_test.go': 'package c\nimport "nowhere"\n' },
    command: `go test -v ./... 2>&1 | ${join(root, 'go/go-junit-report')} -set-exit-code >out/r.xml`,
  },
};

beforeAll(async () => {
  writeFileSync(join(root, 'package.json'), '{}');
  const env = environment();
  const quiet = ['--silent', '--no-audit', '--no-fund'];
  await execute(
    'npm',
    ['install', ...quiet, 'jest@30.5.2', 'jest-junit@17.0.0', 'mocha@10.8.2'].concat([
      ...['mocha-junit-reporter@2.2.1', '@playwright/test@1.65.1'],
    ]),
    { cwd: root, env, timeout: 400_000 },
  );
  if (has('python3', '-c', 'import venv, ensurepip')) {
    await execute('python3', ['-m', 'venv', join(root, 'python')], { env });
    const pip = join(root, 'python/bin/pip');
    await execute(pip, ['install', '--quiet', 'pytest==9.2.0', 'behave==1.3.3'], { env });
  }
  if (has('go', 'version'))
    await execute('go', ['install', 'github.com/jstemmer/go-junit-report/v2@v2.1.0'], {
      env: { ...env, GOBIN: join(root, 'go') },
    });
}, 900_000);

/** Runs the program with these files. Returns its exit code, and how the gate judges its report. */
async function judged(name: string, files: Record<string, string>, run: string) {
  const directory = join(root, `${name}-${run}`);
  for (const [path, text] of Object.entries({ ...files, 'out/.keep': '' })) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const command = programs[name]!.command;
  const code = await execute('sh', ['-c', command], {
    cwd: directory,
    env: environment(),
    timeout: 60_000,
  }).then(
    () => 0,
    ({ code: failed }: { code: number }) => failed,
  );
  const reports = readdirSync(join(directory, 'out')).filter((file) => file.endsWith('.xml'));
  const junit = readJunits(
    reports.map((file) => readFileSync(join(directory, 'out', file), 'utf8')),
  );
  const { open, loud } = judgeTests({
    ...{ required: ['junit'], statuses: [], critical: [], minimumTests: 0, sourceErrors: [] },
    checkRuns: [{ name: 'junit', status: 'completed', conclusion: 'success' }],
    junit,
  });
  const counts = typeof junit === 'string' ? junit : [junit.tests, ranIn(junit), junit.failures];
  return { exit: code === 0 ? 'zero' : 'not zero', counts, open, loud };
}

const needs: Record<string, boolean> = {
  pytest: has('python3', '-c', 'import venv, ensurepip'),
  behave: has('python3', '-c', 'import venv, ensurepip'),
  go: has('go', 'version'),
};

describe.each(Object.entries(programs))('%s', (name, { good, fails, lost }) => {
  const there = needs[name] ?? true;

  test.runIf(there)('a run that it calls good opens the gate, also with a skip', async () => {
    const { exit, counts, open } = await judged(name, good, 'good');
    expect({ exit, counts, open }).toEqual({ exit: 'zero', counts: [2, 1, 0], open: true });
  });

  test.runIf(there)('a failed test closes the gate', async () => {
    const { exit, counts, open } = await judged(name, { ...good, ...fails }, 'fails');
    expect({ exit, counts, open }).toEqual({ exit: 'not zero', counts: [3, 2, 1], open: false });
  });

  test.runIf(there)('a file that cannot be loaded closes the gate, or the plan warns', async () => {
    const { exit, counts, open, loud } = await judged(name, { ...good, ...lost }, 'lost');
    expect(counts).toBeInstanceOf(Array);
    // jest-junit leaves such a file out of its report.
    expect({ exit, open, warns: loud.length }).toEqual(
      name === 'jest'
        ? { exit: 'not zero', open: true, warns: 1 }
        : { exit: 'not zero', open: false, warns: 0 },
    );
  });
});
