import { defineConfig } from 'vitest/config';

const heavy = ['test/e2e/**/*.test.ts', 'test/pack/**/*.test.ts'];
const shared = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    globalSetup: ['test/setup/global.ts'],
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: heavy,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Whole fleets of processes: one file at a time, or they would measure each other.
        test: {
          ...shared,
          name: 'e2e',
          include: heavy,
          testTimeout: 180_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
