import type { TestProject } from 'vitest/node';
import { ensureEngines } from './engines.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /**
     * Path of the Temporal CLI. Tests use it in `startDevServer({ binary: inject('temporalBinary')
     * })`.
     */
    temporalBinary: string;
    /**
     * Path of the time-skipping test server. Tests use it in `executable: { type: 'existing-path',
     * path }`.
     */
    timeSkippingServer: string;
  }
}

/**
 * Fetches both servers before all test files, so that two test files never fetch a server at the
 * same time.
 */
export async function setup(project: TestProject) {
  const engines = await ensureEngines({ onProgress: (line) => console.error(line) });
  project.provide('temporalBinary', engines.temporalBinary);
  project.provide('timeSkippingServer', engines.timeSkippingServer);
}
