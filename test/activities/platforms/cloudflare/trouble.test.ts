import { describe, expect, test } from 'vitest';
import type { ApplicationFailure } from '@temporalio/common';
import { wranglerTrouble } from '../../../../activities/platforms/cloudflare/trouble.ts';
import type { WranglerResult } from '../../../../activities/platforms/cloudflare/run-wrangler.ts';

const access = { api: 'https://api.example', account: 'a1', token: 't', variable: 'CF_TOKEN' };
const trouble = (result: Partial<WranglerResult>) =>
  wranglerTrouble({ access, name: 'shop' }, 'upload a version', {
    code: 1,
    timedOut: false,
    timeoutMs: 900_000,
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

  test('nothing when it was stopped', () => {
    const failure = trouble({ code: null });
    expect(failure).toMatchObject({ type: 'UnknownOutcome', nonRetryable: false });
    expect(failure.message).toBe('wrangler was stopped before it could upload a version.');
  });

  test('not final when its time was over, because the next attempt goes on', () => {
    const failure = trouble({ code: null, timedOut: true });
    expect(failure).toMatchObject({ type: 'UnknownOutcome', nonRetryable: false });
    expect(failure.message).toBe(
      'wrangler was stopped before it could upload a version, because it ran for 15 minutes. ' +
        'Cloudflare keeps the files that it has received: the next attempt uploads only the others.',
    );
  });

  test('that it does not know the option that keeps it from creating resources', () => {
    const failure = trouble({
      output: 'Unknown arguments: experimental-provision, experimentalProvision',
    });
    expect(failure).toMatchObject({ type: 'Misconfigured', nonRetryable: true });
    expect(failure.message).toBe(
      'wrangler could not upload a version, because it does not know the option --experimental-provision. ' +
        'Without this option, Plimsoll cannot forbid wrangler to create databases and buckets. ' +
        'Its last lines:\nUnknown arguments: experimental-provision, experimentalProvision\n' +
        'Install a version that has the option where Plimsoll is installed: npm install wrangler@4.164.0',
    );
  });

  test('the token, although wrangler fails again when it asks whose token it is', () => {
    const output =
      'A request to the Cloudflare API (/accounts/a1/workers/scripts/shop/versions) failed.\n' +
      '  Authentication error [code: 10000]\n' +
      'It looks like you are authenticating Wrangler via a custom API token set in an environment variable.\n' +
      'Failed to automatically retrieve account IDs for the logged in user.';
    const records = [{ type: 'command-failed', code: 7003, message: 'Could not route' }];
    expect(trouble({ output, records }).type).toBe('Misconfigured');
  });

  test.each([
    ['/accounts/a1/workers/scripts/shop/versions', '"Workers Scripts: Edit" in the account a1'],
    [
      '/accounts/a1/workers/scripts/shop/routes',
      '"Workers Routes: Edit" for the zone of each route',
    ],
    ['/zones', '"Workers Routes: Edit" and "Zone: Read" for the zone of each route'],
    ['/zones/z1/workers/routes', '"Workers Routes: Edit" for the zone of each route'],
  ])('the permission that is missing for %s', (path, permission) => {
    const output = `A request to the Cloudflare API (${path}) failed.\n  Authentication error [code: 10000]`;
    expect(trouble({ output }).message).toBe(
      'Cloudflare does not accept the token in CF_TOKEN for the command to upload a version.\n' +
        `It needs ${permission}.\n` +
        'Make a token under My Profile > API Tokens, set CF_TOKEN where the worker is started, and start the worker again.',
    );
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

describe('a release that --strict refuses is told', () => {
  const last =
    'Aborting the upload operation because of conflicts. To override and upload anyway, remove the `--strict` flag';
  const lines = (warning: string) => `The last lines of wrangler:\n${warning}\n${last}`;
  const dash =
    'The local configuration being used (generated from your local configuration file) differs from the remote configuration of your Worker set via the Cloudflare Dashboard:';
  const api =
    'You are about to upload a Worker that was last updated via the script API.\n' +
    'Edits that have been made via the script API will be overridden by your local code and config.';
  const secret =
    'Environment variables `API_KEY` and `OTHER` conflict with existing remote secrets. ' +
    'This deployment will replace these remote secrets with your environment variables.';
  const binding =
    'Binding `API_KEY` conflicts with an existing remote secret. This deployment will replace the remote secret with your binding.';
  const workflow =
    'The following workflow(s) already exist and belong to different workers:\n- "orders" (currently belongs to "old-shop")';

  test.each([
    [
      'in the dashboard',
      dash,
      "Somebody changed shop in Cloudflare's dashboard. This release would overwrite the change, so wrangler refused to upload a version.\n" +
        "Add the change to wrangler's configuration file, commit it, and deploy that commit.",
    ],
    [
      'by the API',
      api,
      "Somebody changed shop through Cloudflare's API. This release would overwrite the change, so wrangler refused to upload a version.\n" +
        "Add the change to wrangler's configuration file and commit it. Then deploy that commit once by hand: npx wrangler deploy --experimental-provision=false",
    ],
    [
      'by variables with the names of secrets',
      secret,
      "wrangler's configuration file has a variable or a binding with the name of a secret of shop: API_KEY, OTHER. " +
        'This release would replace the secret, so wrangler refused to upload a version.\n' +
        "Rename it in wrangler's configuration file, or remove it there. If the secret must go, delete it: " +
        'npx wrangler secret delete API_KEY --name shop',
    ],
    [
      'by a binding with the name of a secret',
      binding,
      "wrangler's configuration file has a variable or a binding with the name of a secret of shop: API_KEY. " +
        'This release would replace the secret, so wrangler refused to upload a version.\n' +
        "Rename it in wrangler's configuration file, or remove it there. If the secret must go, delete it: " +
        'npx wrangler secret delete API_KEY --name shop',
    ],
    [
      'by a workflow of another worker',
      workflow,
      "Workflows of wrangler's configuration file belong to another worker: orders. This release would move them to shop, " +
        'so wrangler refused to upload a version.\n' +
        "Give each workflow another name in wrangler's configuration file. Commit it and deploy that commit.",
    ],
  ])('%s', (_, warning, sentence) => {
    const failure = trouble({ output: `${warning}\n\n${last}\n` });
    expect(failure).toMatchObject({ type: 'RejectedByPlatform', nonRetryable: true });
    expect(failure.message).toBe(`${sentence}\n${lines(warning)}`);
  });

  test('with all causes, if there are several', () => {
    const { message } = trouble({ output: `${dash}\n${binding}\n${last}` });
    expect(message.split('\n')[0]).toBe(
      "Somebody changed shop in Cloudflare's dashboard. This release would overwrite the change. " +
        "wrangler's configuration file has a variable or a binding with the name of a secret of shop: API_KEY. " +
        'This release would replace the secret, so wrangler refused to upload a version.',
    );
  });

  test('by the lines of wrangler, if the cause is a new one', () => {
    expect(trouble({ output: `Something new.\n${last}` }).message).toBe(
      'wrangler refused to upload a version, because this release would overwrite something of shop at Cloudflare. ' +
        `${lines('Something new.')}\n` +
        "Correct the settings in these lines, in wrangler's configuration file or at Cloudflare. Then deploy again.",
    );
  });
});
