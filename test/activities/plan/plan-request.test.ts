import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import { secret } from '../../../activities/lib/secret.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import {
  alice,
  ci,
  configOf,
  memory,
  plan,
  planner,
  requestOf,
  signed,
} from '../../support/planning.ts';
import type { World } from '../../support/planning.ts';

beforeEach(async () => {
  memory.ledger = await openLedger({ path: ':memory:' });
});

const refusal = (message: string, type: string = failures.refused) => ({
  type,
  nonRetryable: true,
  message,
});

describe('a request that is refused', () => {
  const refused = (input: unknown, world: World = {}) => {
    const { planDeploy, asked } = planner(world);
    const request = { signed: input as ReturnType<typeof signed>, runId: 'run-1', record: true };
    return {
      asked,
      outcome: planDeploy(request).then(
        () => 'planned',
        ({ type, message }: { type: string; message: string }) => [type, ...message.split('\n')],
      ),
    };
  };

  test.each<[string, () => unknown, string[]]>([
    [
      'no request',
      () => ({}),
      [
        'This is not a signed deploy request: request: Invalid input: expected object, received undefined; signature: Invalid input: expected string, received undefined.',
        'Send the request with: plimsoll deploy',
      ],
    ],
    [
      'a reason that says nothing',
      () => signed({ reason: ' .' }),
      [
        'This is not a signed deploy request: request.reason: the reason tells the approver nothing: use at least 3 letters or digits, such as "logins fail".',
        'Send the request with: plimsoll deploy',
      ],
    ],
    [
      'unknown requester',
      () => signed({ requestedBy: 'mallory' }),
      [
        '"mallory" may not request deploys, because it is not listed under "approvers" or "requesters".',
        'Listed names: alice, bob, ci. Give your own name with --as NAME, or add the name and its key to plimsoll.yaml.',
      ],
    ],
    [
      'requester from the prototype',
      () => signed({ requestedBy: 'constructor' }),
      [
        '"constructor" may not request deploys, because it is not listed under "approvers" or "requesters".',
        'Listed names: alice, bob, ci. Give your own name with --as NAME, or add the name and its key to plimsoll.yaml.',
      ],
    ],
    [
      "another person's key",
      () => signed({}, alice),
      [
        "The signature of the request is not ci's: it was made with a key that is not configured for this person.",
        'Sign with a key that plimsoll.yaml lists for that name: --key PATH',
      ],
    ],
    [
      'changed after signing',
      () => ({ ...signed(), request: requestOf({ reason: 'other' }) }),
      [
        "The signature of the request is not ci's: the ssh-ed25519 signature does not match the signed content.",
        'Sign with a key that plimsoll.yaml lists for that name: --key PATH',
      ],
    ],
    [
      'an approval used as a request',
      () => ({ request: requestOf(), signature: ci.sign(requestOf(), 'plimsoll-approval@v1') }),
      [
        'The signature of the request is not ci\'s: it was made for "plimsoll-approval@v1", not for "plimsoll-request@v1".',
        'Sign with a key that plimsoll.yaml lists for that name: --key PATH',
      ],
    ],
    [
      'too old',
      () => signed({ requestedAt: '2026-11-24T09:44:00.000Z' }),
      [
        'The request was signed 16 min ago, but a request is valid for 15 min only.',
        'Send a new request: plimsoll deploy',
      ],
    ],
    [
      'from the future',
      () => signed({ requestedAt: '2026-11-24T10:03:00.000Z' }),
      [
        'The request was signed 3 min in the future, so a clock is wrong.',
        'Compare the clocks of both machines with "date -u", correct the wrong clock, and send a new request: plimsoll deploy',
      ],
    ],
    [
      'unknown project',
      () => signed({ project: 'shpo' }),
      [
        'There is no project called "shpo". Did you mean "shop"?',
        'Configured: shop. Add it to plimsoll.yaml, or deploy one of these.',
      ],
    ],
    [
      'unknown environment',
      () => signed({ environment: 'prodction' }),
      [
        'There is no environment of shop called "prodction". Did you mean "production"?',
        'Configured: production, staging. Add it to plimsoll.yaml, or deploy one of these.',
      ],
    ],
    [
      'environment from the prototype',
      () => signed({ environment: 'toString' }),
      [
        'There is no environment of shop called "toString".',
        'Configured: production, staging. Add it to plimsoll.yaml, or deploy one of these.',
      ],
    ],
    [
      'ref that is an option',
      () => signed({ ref: '--upload-pack=x' }),
      [
        '"--upload-pack=x" is not a valid name of a branch, a tag or a commit.',
        'Give a name such as main, v1.2.3 or the 40 digits of a commit.',
      ],
    ],
  ])('%s', async (_, make, text) => {
    const { outcome, asked } = refused(make());
    expect(await outcome).toEqual([failures.refused, ...text]);
    expect(asked).toEqual([]);
    expect(await memory.ledger.read({ limit: 9 })).toEqual([]);
  });

  test.each(['a..b', 'a b', 'main\n', 'main~1', '@{u}', '-x', ':/fix'])('ref %j', async (ref) => {
    expect(await refused(signed({ ref })).outcome).toMatchObject([
      failures.refused,
      `${JSON.stringify(ref)} is not a valid name of a branch, a tag or a commit.`,
      expect.anything(),
    ]);
  });

  test('a request that another run has used', async () => {
    const first = await plan();
    const { planDeploy, asked } = planner();
    const again = planDeploy({ signed: signed(), runId: 'run-2', record: true });
    await expect(again).rejects.toMatchObject(
      refusal(
        `This request was used before, for ${first.deployId}, and a request starts one deploy only.\n` +
          'Send a new request: plimsoll deploy',
      ),
    );
    expect(asked).toEqual([]);
  });

  test('two runs at the same moment: the second to write is refused', async () => {
    const blind = { ...memory.ledger, find: async () => null };
    const run = (runId: string) =>
      planner({ ledger: blind }).planDeploy({ signed: signed(), runId, record: true });
    await run('run-1');
    await expect(run('run-2')).rejects.toThrow('a request starts one deploy only');
  });

  test('a reason that carries a token', async () => {
    const reason = ['ghp', 'a'.repeat(36)].join('_');
    expect(await refused(signed({ reason })).outcome).toEqual([
      failures.refused,
      'The reason of the request contains a GitHub token. Nothing was touched.',
      'Revoke the secret, because the history of Temporal may keep the request. Then send the request without the secret: plimsoll deploy',
    ]);
  });

  test('a ref that is a secret of this worker', async () => {
    secret('env:A_PLANTED_TOKEN', { A_PLANTED_TOKEN: 'planted-token-0815' });
    expect(await refused(signed({ ref: 'fix-planted-token-0815' })).outcome).toMatchObject([
      failures.refused,
      'The ref of the request contains a secret of this worker. Nothing was touched.',
      expect.any(String),
    ]);
  });

  test('a rule that nobody can meet is a configuration error with the remedy', async () => {
    const config = configOf({
      approvers: { alice: { keys: [alice.publicKey], emails: ['alice@shop.example'] } },
    });
    expect(await refused(signed(), { config }).outcome).toEqual([
      failures.misconfigured,
      'No configured person can approve shop production: alice wrote the commits of the ' +
        'deploy, so another approver is required: add a second person under "approvers:", or set ' +
        '"solo: touch-key".',
      'Nothing was touched. Change plimsoll.yaml, start the worker again, and deploy again.',
    ]);
  });

  test.each([
    ['cannot be compressed', randomBytes(9_000).toString('hex')],
    ['is too large for histories', 'x'.repeat(140_000)],
  ])('a plan too large for the memo, because its command %s', async (_, prepare) => {
    const config = configOf({}, { prepare });
    expect(await refused(signed(), { config }).outcome).toEqual([
      failures.misconfigured,
      'The plan of shop production does not fit into the memo of a deploy even without its ' +
        'commits, and cannot be approved.',
      'Give the environment fewer hosts, or a shorter "prepare", in plimsoll.yaml.',
    ]);
  });

  test('without an answer of the ledger nothing is planned', async () => {
    await memory.ledger.close();
    await expect(plan()).rejects.toMatchObject({
      message: expect.stringContaining('ledger') as string,
    });
  });
});
