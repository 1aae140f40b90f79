import { afterAll, expect } from 'vitest';
import { record } from '../../sandbox/http.ts';
import type { Exchange } from '../../sandbox/http.ts';

/**
 * Compares every answer that a stand-in gave in a test file with the vendor's own specification.
 * The file fails if an answer differs.
 */
const exchanges: Exchange[] = [];
const stop = record((exchange) => exchanges.push(exchange));

const adapters = /\/test\/(?:activities|conformance|contract|worker)\//;
/** These tests also make calls that Plimsoll does not make. */
const standIns = /\/test\/sandbox\//;

afterAll(async () => {
  stop();
  const path = expect.getState().testPath ?? '';
  if (exchanges.length === 0 || !(adapters.test(path) || standIns.test(path))) return;
  const { problemsIn } = await import('../contract/problems.ts');
  const { rowOf } = await import('../contract/calls.ts');
  const compared = adapters.test(path) ? exchanges : exchanges.filter((one) => rowOf(one));
  expect(await problemsIn(compared)).toEqual([]);
});
