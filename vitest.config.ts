import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const heavy = ['test/e2e/**/*.test.ts', 'test/matrix/**/*.test.ts', 'test/pack/**/*.test.ts'];
const shared = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // Whole fleets mostly wait: two files a core keep the machine busy. e2e comes first, the longest first.
  maxWorkers: Math.min(6, 2 * availableParallelism()),
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
