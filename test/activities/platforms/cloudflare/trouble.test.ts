import { describe, expect, test } from 'vitest';
import type { ApplicationFailure } from '@temporalio/common';
import { wranglerTrouble } from '../../../../activities/platforms/cloudflare/trouble.ts';
import type { WranglerResult } from '../../../../activities/platforms/cloudflare/run-wrangler.ts';

const access = { api: 'https://api.example', account: 'a1', token: 't', variable: 'CF_TOKEN' };
const trouble = (result: Partial<WranglerResult>) =>
  wranglerTrouble({ access, name: 'shop' }, 'upload a version', {
    code: 1,
    timedOut: false,
    output: '',
    records: [],
    ...result,
  }) as ApplicationFailure;

describe('what wrangler says is', () => {
  test.each([
    ['✘ [ERROR] Build failed with 1 error:', 'UnhealthyRelease'],
    ['✘ [ERROR] Could not resolve "socket hang up"', 'UnhealthyRelease'],
    ['✘ [ERROR] Uncaught Error: no [code: 10021]', 'UnhealthyRelease'],
    ['✘ [ERROR] Authentication error [code: 10000]', 'Misconfigured'],
    ['Please wait and consider throttling your request speed [code: 971]', 'Unavailable'],
    ['✘ [ERROR] An unknown error has occurred. [code: 10013]', 'UnknownOutcome'],
    ['✘ [ERROR] This Worker does not exist [code: 10007]', 'UnknownOutcome'],
    ['✘ [ERROR] fetch failed', 'UnknownOutcome'],
    ['malformed response from the API: POST /x -> 502 Bad Gateway', 'UnknownOutcome'],
    ['Aborting the upload operation because of conflicts.', 'RejectedByPlatform'],
    ['✘ [ERROR] Invalid binding [code: 10026]', 'RejectedByPlatform'],
    ['Total Upload: 512 KiB / gzip: 429 KiB\n✘ [ERROR] no [code: 10026]', 'RejectedByPlatform'],
  ])('%j: %s', (output, type) => {
    expect(trouble({ output }).type).toBe(type);
  });

  test('its own record, before its text', () => {
    const records = [{ type: 'command-failed', code: 10000, message: 'Authentication error' }];
    expect(trouble({ records, output: '[code: 10026]' }).type).toBe('Misconfigured');
  });

  test.each([{ code: null }, { timedOut: true }])('nothing when it was stopped (%j)', (how) => {
    const failure = trouble(how);
    expect(failure).toMatchObject({ type: 'UnknownOutcome', nonRetryable: false });
    expect(failure.message).toBe('wrangler was stopped before it could upload a version.');
  });

  test('told in its last lines, or in none', () => {
    expect(trouble({ output: 'one\ntwo [code: 10026]\n' }).message).toBe(
      'wrangler could not upload a version. Its last lines:\none\ntwo [code: 10026]',
    );
    expect(trouble({}).message).toBe(
      'wrangler could not upload a version. Its last lines:\n(no output)',
    );
  });
});
