import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const heavy = ['test/e2e/**/*.test.ts', 'test/matrix/**/*.test.ts', 'test/pack/**/*.test.ts'];
const shared = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // Whole fleets with windows of seconds: one file a core leaves them time. e2e comes first, the longest first.
  maxWorkers: Math.max(2, availableParallelism()),
  // A habit of the time-skipping server, see test/support/lost-tasks.ts; nothing else is run twice.
  retry: { count: 3, condition: /^the test server lost a task/ },
  // What is polled for ends by itself; a busy machine only makes it late.
  expect: { poll: { timeout: 30_000 } },
};

export default defineConfig({
  test: {
    globalSetup: ['test/setup/global.ts'],
    projects: [
      { test: { ...shared, name: 'unit', include: ['test/**/*.test.ts'], exclude: heavy } },
      { test: { ...shared, name: 'e2e', include: heavy, testTimeout: 180_000 } },
    ],
  },
});
