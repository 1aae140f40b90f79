import { afterAll, expect } from 'vitest';
import { record } from '../../sandbox/http.ts';
import type { Exchange } from '../../sandbox/http.ts';

/**
 * Compares every answer that a stand-in gave in a test file with the vendor's own specification.
 * The file fails if an answer differs.
 */
const exchanges: Exchange[] = [];
const stop = record((exchange) => exchanges.push(exchange));

/** The stand-ins have further calls, for tests of the stand-ins themselves. */
const adapters = /\/test\/(?:activities|conformance|contract|worker)\//;

afterAll(async () => {
  stop();
  if (exchanges.length === 0 || !adapters.test(expect.getState().testPath ?? '')) return;
  const { problemsIn } = await import('../contract/problems.ts');
  expect(await problemsIn(exchanges)).toEqual([]);
});
