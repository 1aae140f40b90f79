import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';
import { fileTimes } from './test/setup/file-times.ts';
import { LongestFirst } from './test/setup/sequence.ts';

const workflows = ['test/workflows/**/*.test.ts'];
const e2e = ['test/e2e/**/*.test.ts', 'test/matrix/**/*.test.ts', 'test/pack/**/*.test.ts'];
const nightly = ['test/**/*.nightly.test.ts'];
/**
 * Each of these files runs in its own process. The first two files replace modules. The files of
 * `test/replay` read the log of the SDK.
 */
const alone = [
  'test/activities/approval/forgery-guards.test.ts',
  'test/workflows/proxies.test.ts',
  'test/replay/**/*.test.ts',
];
const shared = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // The time-skipping server sometimes loses a task, see test/support/lost-tasks.ts. Only a test
  // that failed for this reason runs again.
  retry: { count: 3, condition: /^the test server lost a task/ },
  // On a busy machine, an expected result comes later. So the timeout is long.
  expect: { poll: { timeout: 30_000 } },
};

/**
 * The settings for files that start many programs. To start a program, the system copies the page
 * tables of the test process, which takes 7 ms for each 100 MB of memory. With a small young
 * generation, the process needs half of the memory.
 */
const small = { execArgv: ['--max-semi-space-size=8'] };

const cores = Math.max(2, availableParallelism());
/**
 * All lanes except the nightly lane run at the same time. Many of their tests wait for a process or
 * for a short time. One file for each core would not keep the core busy, so two files run for each
 * core.
 */
const together = { maxWorkers: cores * 2, sequence: { groupOrder: 0 } };
/**
 * These tests run whole fleets with windows of seconds, and most of the time they wait for the end
 * of a window. Three files for two cores keep the cores busy, and leave the fleets enough time for
 * their samples.
 */
const fleets = { maxWorkers: Math.ceil(cores * 1.5), sequence: { groupOrder: 1 } };

/**
 * Makes a vitest project of the files in `include`. Leaves out the nightly files and the files in
 * `but`.
 */
const project = (name: string, include: string[], but: string[] = []) => ({
  ...shared,
  name,
  include,
  exclude: [...configDefaults.exclude, ...nightly, ...but],
});

/** The directory for the report files of bin/test.mjs. */
const report = process.env['PLIMSOLL_TEST_REPORT'];

export default defineConfig({
  test: {
    reporters: [
      'default',
      ...(report
        ? [
            ['json', { outputFile: join(report, 'report.json') }] as const,
            fileTimes(join(report, 'times.json')),
          ]
        : []),
    ],
    globalSetup: ['test/setup/global.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...together,
          ...project('unit', ['test/**/*.test.ts'], [...workflows, ...e2e, ...alone]),
          ...small,
          setupFiles: ['test/setup/contract.ts'],
          // All unit tests share one copy of the product. To load the product again for each file
          // would take as long as the tests themselves.
          isolate: false,
        },
      },
      { test: { ...together, ...project('alone', alone) } },
      {
        test: {
          ...together,
          ...project('workflows', workflows, alone),
          // The files share a time-skipping server and its worker, see test/support/saga.ts.
          isolate: false,
        },
      },
      {
        test: {
          ...together,
          ...project('e2e', e2e),
          ...small,
          testTimeout: 400_000,
        },
      },
      {
        test: {
          ...fleets,
          ...small,
          ...{ ...shared, name: 'nightly', include: nightly, testTimeout: 600_000 },
          setupFiles: ['test/setup/contract.ts'],
        },
      },
    ],
  },
});
