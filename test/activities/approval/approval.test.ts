import { beforeEach, describe, expect, test } from 'vitest';
import { createApproval } from '../../../activities/approval/approval.ts';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import { type Ledger } from '../../../activities/ledger/types.ts';
import { sealDigest } from '../../../activities/lib/seal-digest.ts';
import { readKeyLine } from '../../../activities/approval/signatures/key-line.ts';
import type { KeyLine } from '../../../activities/approval/signatures/key-line.ts';
import { fingerprintOf } from '../../../activities/approval/signatures/revoked.ts';
import type { Ruling, SealedPlan } from '../../../domain/deploy/plan.ts';
import { Config } from '../../../domain/config/config.ts';
import type { Decision, SignedDecision } from '../../../domain/config/config.ts';
import { makeKey } from '../../support/keys.ts';
import { openGate, planFor } from '../../support/plan.ts';
import { makeTouchKey } from '../../support/touch-key.ts';

const namespace = 'plimsoll-approval@v1';
const keys = { alice: makeKey(), bob: makeKey(), carol: makeKey(), ci: makeKey() };
const touchKey = makeTouchKey();
const noon = Date.parse('2026-01-01T01:00:00.000Z');

const person = (name: keyof typeof keys) => ({ keys: [keys[name].publicKey] });
const bobsKey = readKeyLine(keys.bob.publicKey) as KeyLine;
const valid = (when: 'before' | 'after', day: string) => ({
  keys: [`valid-${when}="${day}" ${keys.bob.publicKey}`],
});
const configOf = (approvers: Record<string, { keys: string[] }>) =>
  Config.parse({ approvers, requesters: { ci: person('ci') }, projects: {} });

const gates = [openGate('tests', '2026-01-01T00:00:00.000Z')];
const sealedOf = (over: Parameters<typeof planFor>[0] = {}): SealedPlan => {
  const plan = planFor({
    rule: { required: 1, reasons: [], eligible: ['bob', 'carol'], notAlone: [], solo: 'off' },
    ...over,
  });
  return { plan, gates, digest: sealDigest(plan, gates) };
};

const decisionOf = (sealed: SealedPlan, over: Partial<Decision> = {}): Decision => ({
  subject: 'deploy',
  subjectDigest: sealed.digest,
  deployId: sealed.plan.deployId,
  project: sealed.plan.project,
  environment: sealed.plan.environment,
  sha: sealed.plan.sha,
  decision: 'approve',
  approver: 'bob',
  nonce: '1'.repeat(32),
  notAfter: sealed.plan.notAfter,
  ...over,
});

type Signer = { sign(payload: unknown, namespace: string): string };
const signedBy = (key: Signer, decision: Decision, space = namespace): SignedDecision => ({
  decision,
  signature: key.sign(decision, space),
});

let ledger: Ledger;
let config = configOf({});
let now = noon;
const minute = 60_000;
beforeEach(async () => {
  ledger = await openLedger({ path: ':memory:' });
  config = configOf({ alice: person('alice'), bob: person('bob'), carol: person('carol') });
  now = noon;
});

const approval = () => createApproval({ config: () => config, ledger, now: () => now });
const ruleOn = (signed: unknown, sealed = sealedOf(), earlier: Ruling[] = []) =>
  approval().ruleOnDecision({ sealed, signed, earlier });
const recorded = async () => (await ledger.read({ limit: 100 })).map(({ key }) => key);

describe('ruling on a decision', () => {
  test('a genuine approval counts and is recorded with its signature', async () => {
    const sealed = sealedOf();
    const signed = signedBy(keys.bob, decisionOf(sealed));
    const ruling = await ruleOn(signed, sealed);
    expect(ruling).toEqual({
      verdict: 'counted',
      decision: 'approve',
      approver: 'bob',
      why: 'bob says yes (ssh-ed25519)',
      nonce: '1'.repeat(32),
      at: '2026-01-01T01:00:00.000Z',
      touch: false,
      genuine: true,
    });
    const [entry] = await ledger.read({ kinds: ['ruling'], limit: 1 });
    expect(entry).toMatchObject({
      key: `d-0123456789ab/ruling/${'1'.repeat(32)}`,
      deployId: 'd-0123456789ab',
      project: 'gateway',
      environment: 'production',
      body: { ruling, digest: sealed.digest, asked: 'deploy', signed },
    });
  });

  test('asked again after a crash it gives the same answer, even past the deadline', async () => {
    const sealed = sealedOf();
    const signed = signedBy(keys.bob, decisionOf(sealed));
    const first = await ruleOn(signed, sealed);
    now += 5 * 3_600_000;
    expect(await ruleOn(signed, sealed)).toEqual(first);
    expect(await recorded()).toHaveLength(1);
  });

  test('the same signal twice counts once', async () => {
    const sealed = sealedOf();
    const signed = signedBy(keys.bob, decisionOf(sealed));
    const first = await ruleOn(signed, sealed);
    expect(await ruleOn(signed, sealed, [first])).toMatchObject({
      verdict: 'void',
      why: 'it is a replay: the decision with nonce 11111111 was already judged',
    });
    expect(await recorded()).toHaveLength(2);
  });

  test('another decision with a used nonce does not count, although only the ledger knows the nonce', async () => {
    const sealed = sealedOf();
    await ruleOn(signedBy(keys.bob, decisionOf(sealed, { decision: 'reject' })), sealed);
    expect(await ruleOn(signedBy(keys.bob, decisionOf(sealed)), sealed)).toMatchObject({
      verdict: 'void',
      why: 'it is a replay: the decision with nonce 11111111 was already judged',
    });
  });

  test('an approval to release is no approval to keep', async () => {
    const sealed = sealedOf();
    const signed = signedBy(keys.bob, decisionOf(sealed));
    await ruleOn(signed, sealed);
    const input = { sealed, signed, earlier: [], subject: 'keep' as const };
    expect(await approval().ruleOnDecision(input)).toMatchObject({
      verdict: 'void',
      why: 'the decision is about "deploy", but the question is "keep"',
    });
  });

  test('a forger who copies the nonce first does not block the genuine decision', async () => {
    const sealed = sealedOf();
    const forged = signedBy(keys.ci, decisionOf(sealed));
    const first = await ruleOn(forged, sealed);
    expect(first).toMatchObject({
      verdict: 'void',
      approver: 'bob',
      why: "the signature is not bob's: it was made with a key that is not configured for this person",
    });
    const genuine = await ruleOn(signedBy(keys.bob, decisionOf(sealed)), sealed, [first]);
    expect(genuine.verdict).toBe('counted');
    expect(await recorded()).toHaveLength(2);
    const signed = [signedBy(keys.bob, decisionOf(sealed))];
    await expect(approval().verifyApprovals({ sealed, signed })).resolves.toBeUndefined();
  });

  test('a second confirmation that came too early cannot be sent again later', async () => {
    config = Config.parse({
      approvers: { bob: { keys: [touchKey.publicKey] } },
      solo: 'touch-key',
      projects: {},
    });
    const solo = 'touch-key' as const;
    const rule = { required: 2 as const, reasons: [], eligible: ['bob'], notAlone: [], solo };
    const sealed = sealedOf({ rule });
    const once = await ruleOn(signedBy(touchKey, decisionOf(sealed)), sealed);
    const again = signedBy(touchKey, decisionOf(sealed, { nonce: '2'.repeat(32) }));
    now += 60_000;
    const early = await ruleOn(again, sealed, [once]);
    expect(early.why).toBe(
      'the second confirmation comes too early; send it at 2026-01-01T01:15:00.000Z or later',
    );
    now += 20 * 60_000;
    expect((await ruleOn(again, sealed, [once, early])).verdict).toBe('void');
    const fresh = signedBy(touchKey, decisionOf(sealed, { nonce: '3'.repeat(32) }));
    expect(await ruleOn(fresh, sealed, [once, early])).toMatchObject({
      verdict: 'counted',
      touch: true,
    });
  });

  test.each<[string, (sealed: SealedPlan) => unknown, string]>([
    [
      'wrong namespace',
      (sealed) => signedBy(keys.bob, decisionOf(sealed), 'plimsoll-request@v1'),
      'the signature is not bob\'s: it was made for "plimsoll-request@v1", not for "plimsoll-approval@v1"',
    ],
    [
      'an agent',
      (sealed) => signedBy(keys.ci, decisionOf(sealed, { approver: 'ci' })),
      'ci is an agent: it may request deploys, but never approve',
    ],
    [
      'another plan',
      (sealed) => signedBy(keys.bob, decisionOf(sealed, { subjectDigest: 'e'.repeat(64) })),
      `the decision is for the plan with digest eeeeeeeeeeee, but the digest of this plan is `,
    ],
    [
      'nothing',
      () => undefined,
      'it is not a signed decision, because the message is not valid: Invalid input: expected object, received undefined',
    ],
    [
      'text',
      () => '{"decision"',
      'it is not a signed decision, because the message is not valid: Invalid input: expected object, received string',
    ],
    [
      'no signature',
      (sealed) => ({ decision: decisionOf(sealed) }),
      'it is not a signed decision, because signature is not valid: Invalid input: expected string, received undefined',
    ],
    [
      'a field too many',
      (sealed) => ({ decision: { ...decisionOf(sealed), admin: true }, signature: '' }),
      'it is not a signed decision, because decision is not valid: Unrecognized key: "admin"',
    ],
    [
      'a name from the prototype',
      (sealed) => signedBy(keys.bob, decisionOf(sealed, { approver: 'constructor' })),
      'constructor is not a configured approver',
    ],
  ])('%s is void, recorded, and never throws', async (_, make, why) => {
    const sealed = sealedOf();
    const ruling = await ruleOn(make(sealed), sealed);
    expect(ruling.verdict).toBe('void');
    expect(ruling.why).toContain(why);
    expect(await ledger.read({ limit: 9 })).toMatchObject([{ kind: 'ruling', body: { ruling } }]);
  });

  test('a forgery that smuggles a token is recorded without it', async () => {
    const token = ['ghp', 'a'.repeat(36)].join('_');
    const ruling = await ruleOn({ decision: { approver: token, [token]: 1 }, signature: token });
    expect(ruling).toMatchObject({ verdict: 'void', approver: '[a GitHub token, left out]' });
    expect(JSON.stringify(await ledger.read({ limit: 9 }))).not.toContain('aaaaaaaa');
  });

  test('while the ledger cannot be written nothing counts, and the ruling is tried again', async () => {
    const sealed = sealedOf();
    const signed = signedBy(keys.bob, decisionOf(sealed));
    await ledger.close();
    await expect(ruleOn(signed, sealed)).rejects.toMatchObject({
      type: 'Unavailable',
      message: expect.stringMatching(/^The ruling waits for the ledger\. /) as string,
    });
  });
});

describe('verified again before the first effect', () => {
  async function counted(over: Parameters<typeof planFor>[0] = {}) {
    const sealed = sealedOf(over);
    const signed = [signedBy(keys.bob, decisionOf(sealed))];
    await ruleOn(signed[0], sealed);
    return { sealed, signed };
  }
  const refusal = (why: string) => ({
    type: 'Refused',
    nonRetryable: true,
    message:
      `gateway production bbbbbbb is not approved any more: ${why}.\n` +
      'Nothing was touched. Ask again: plimsoll deploy gateway production --ref main',
  });

  test('a counted approval passes, even if its time ended on the way', async () => {
    const approved = await counted();
    now = Date.parse('2026-01-01T02:20:00.000Z');
    await expect(approval().verifyApprovals(approved)).resolves.toBeUndefined();
  });

  test('a key that was rotated counts until it is removed', async () => {
    const approved = await counted();
    config = configOf({ bob: { keys: [keys.carol.publicKey, keys.bob.publicKey] } });
    await expect(approval().verifyApprovals(approved)).resolves.toBeUndefined();
  });

  test('an automatic environment needs none', async () => {
    const rule = {
      required: 0 as const,
      reasons: [],
      eligible: [],
      notAlone: [],
      solo: 'off' as const,
    };
    const sealed = sealedOf({ environment: 'staging', rule });
    await expect(approval().verifyApprovals({ sealed, signed: [] })).resolves.toBeUndefined();
  });

  test.each<[string, (input: { sealed: SealedPlan; signed: SignedDecision[] }) => unknown, string]>(
    [
      ['none', (input) => (input.signed = []), 'waiting for bob or carol'],
      [
        'a changed plan',
        (input) => (input.sealed.plan.sha = 'c'.repeat(40)),
        'the plan was changed after it was sealed',
      ],
      [
        'a plan that ran out',
        () => (now = Date.parse('2026-01-01T02:30:00.001Z')),
        'the plan expired at 2026-01-01T02:00:00.000Z',
      ],
      [
        'an approver who was removed',
        () => (config = configOf({ carol: person('carol') })),
        'bob is not a configured approver; waiting for bob or carol',
      ],
      [
        'a key that was replaced',
        () => (config = configOf({ bob: person('carol') })),
        "the signature is not bob's: it was made with a key that is not configured for this person; waiting for bob or carol",
      ],
      [
        'a key that was revoked',
        () => (config = { ...config, revoked: [keys.bob.publicKey] }),
        `the signature is not bob's: its key ${fingerprintOf(bobsKey)} is revoked; waiting for bob or carol`,
      ],
      [
        'a key that ran out',
        () => (config = configOf({ bob: valid('before', '20200101') })),
        "the signature is not bob's: its key expired at 2020-01-01T00:00:00; waiting for bob or carol",
      ],
      [
        'a key that will be valid',
        () => (config = configOf({ bob: valid('after', '20990101') })),
        "the signature is not bob's: its key is not valid before 2099-01-01T00:00:00; waiting for bob or carol",
      ],
      [
        'an approver who became an agent',
        () =>
          (config = Config.parse({
            approvers: {},
            requesters: { bob: person('bob') },
            projects: {},
          })),
        'bob is an agent: it may request deploys, but never approve; waiting for bob or carol',
      ],
      [
        'a decision nobody ruled on',
        ({ sealed, signed }) =>
          signed.push(
            signedBy(keys.carol, decisionOf(sealed, { approver: 'carol', nonce: '5'.repeat(32) })),
          ),
        "the ledger does not say that carol's decision counts",
      ],
      [
        'a tampered decision',
        ({ signed }) => (signed[0]!.decision.approver = 'carol'),
        "the signature is not carol's: it was made with a key that is not configured for this person; waiting for bob or carol",
      ],
    ],
  )('%s is refused', async (_, spoil, why) => {
    const input = await counted();
    spoil(input);
    const { sha } = input.sealed.plan;
    await expect(approval().verifyApprovals(input)).rejects.toMatchObject({
      ...refusal(why),
      message: refusal(why).message.replace('bbbbbbb', sha.slice(0, 7)),
    });
  });

  test('a decision that was void at its ruling stays void', async () => {
    const sealed = sealedOf();
    const signed = signedBy(keys.bob, decisionOf(sealed));
    const ruling = await approval().ruleOnDecision({
      ...{ sealed, signed, earlier: [], subject: 'keep' },
    });
    expect(ruling).toMatchObject({ verdict: 'void', genuine: true });
    await expect(approval().verifyApprovals({ sealed, signed: [signed] })).rejects.toMatchObject(
      refusal("the ledger does not say that bob's decision counts"),
    );
  });

  describe('while the line is stopped', () => {
    const nowhere = { deployId: null, project: null, environment: null };
    const stopNow = (key: string) =>
      ledger.append({
        ...{ kind: 'stopped', key, ...nowhere },
        body: { by: 'alice', reason: 'the database is full' },
      });
    const liftIt = (stop: string) => {
      const signed = signedBy(keys.bob, {
        ...decisionOf(sealedOf(), { subject: 'resume', deployId: stop }),
      });
      const body = { by: 'bob', stop, signed, ruling: { at: new Date(now).toISOString() } };
      return ledger.append({ kind: 'resumed', key: 'resume/1', ...nowhere, body });
    };

    test('an approved deploy does not begin until the stop is lifted', async () => {
      const approved = await counted();
      const { at } = await stopNow('stop/1');
      const since = `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
      await expect(approval().verifyApprovals(approved)).rejects.toMatchObject({
        type: 'GateClosed',
        nonRetryable: true,
        message:
          `stop: the line is stopped by alice since ${since}: "the database is full". Deploy ` +
          'again when an approver has lifted the stop: plimsoll stop-line "why it is safe" ' +
          '--lift. A hotfix needs --priority P0, a --reason and one more approver.',
      });
      await liftIt('stop/1');
      await expect(approval().verifyApprovals(approved)).resolves.toBeUndefined();
      config = { ...config, revoked: [keys.bob.publicKey] };
      await expect(approval().verifyApprovals(approved)).rejects.toMatchObject({
        type: 'GateClosed',
      });
    });

    test('an automatic deploy does not begin either', async () => {
      const { rule } = planFor();
      const sealed = sealedOf({ environment: 'staging', rule: { ...rule, required: 0 } });
      await stopNow('stop/1');
      await expect(approval().verifyApprovals({ sealed, signed: [] })).rejects.toMatchObject({
        type: 'GateClosed',
      });
    });

    test('a hotfix begins only if its approvers saw this very stop', async () => {
      const { at } = await stopNow('stop/1');
      const stopped = { key: 'stop/1', by: 'alice', reason: 'the database is full', at };
      const sealed = sealedOf({ priority: 'P0', stopped });
      const signed = [signedBy(keys.bob, decisionOf(sealed))];
      await ruleOn(signed[0], sealed);
      await expect(approval().verifyApprovals({ sealed, signed })).resolves.toBeUndefined();
      const other = { ...sealed, plan: { ...sealed.plan, stopped: { ...stopped, key: 'stop/0' } } };
      await expect(approval().verifyApprovals({ sealed: other, signed })).rejects.toMatchObject({
        message: expect.stringContaining('the plan was changed after it was sealed'),
      });
      await stopNow('stop/2');
      await expect(approval().verifyApprovals({ sealed, signed })).rejects.toMatchObject({
        message: expect.stringContaining('The approvers did not see this stop'),
      });
    });

    test('a deploy of the previous release is not blocked', async () => {
      const sealed = sealedOf({ redeploysPrevious: true });
      const signed = [signedBy(keys.bob, decisionOf(sealed))];
      await ruleOn(signed[0], sealed);
      await stopNow('stop/1');
      await expect(approval().verifyApprovals({ sealed, signed })).resolves.toBeUndefined();
      const { redeploysPrevious: _, ...plan } = sealed.plan;
      const posing = approval().verifyApprovals({ sealed: { ...sealed, plan }, signed });
      await expect(posing).rejects.toMatchObject({
        message: expect.stringContaining('the plan was changed after it was sealed'),
      });
    });

    test('without a readable ledger no deploy begins', async () => {
      const approved = await counted();
      const read = () => Promise.reject(new Error('disk I/O error'));
      const deps = { config: () => config, ledger: { ...ledger, read }, now: () => now };
      await expect(createApproval(deps).verifyApprovals(approved)).rejects.toMatchObject({
        type: 'Unavailable',
        nonRetryable: false,
      });
    });
  });

  describe('right before the first effect', () => {
    const later = (ms: number, change: Partial<Config> = {}) =>
      createApproval({ config: () => ({ ...config, ...change }), ledger, now: () => ms });
    const window = (from: string, to: string) => [
      { name: 'the weekend', from, to, timeZone: 'UTC' },
    ];
    const wall = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

    test('after a long build the gates are not too old; after a long wait they are', async () => {
      const approved = await counted();
      const { verifyApprovals } = later(now + 20 * 60 * minute);
      await expect(verifyApprovals({ ...approved, built: true })).resolves.toBeUndefined();
      await expect(verifyApprovals(approved)).rejects.toMatchObject(
        refusal(`the plan expired at ${approved.sealed.plan.notAfter}`),
      );
    });

    test('a key that was revoked meanwhile does not count', async () => {
      const approved = await counted();
      const { verifyApprovals } = later(now, { revoked: [keys.bob.publicKey] });
      await expect(verifyApprovals({ ...approved, built: true })).rejects.toMatchObject({
        message: expect.stringMatching(/the signature is not bob's: its key SHA256:\S+ is revoked/),
      });
    });

    test('a new freeze window closes it, by the time that is left to the verdict', async () => {
      const approved = await counted();
      const freeze = window(wall(now + 20 * minute), wall(now + 600 * minute));
      const at = (ms: number) => later(ms, { freeze }).verifyApprovals;
      await expect(at(now)({ ...approved, built: true })).rejects.toMatchObject({
        type: 'GateClosed',
        nonRetryable: true,
        message: expect.stringMatching(
          /^freeze: the freeze window "the weekend" begins at .* may need 31 min/,
        ),
      });
      const before = at(now - 12 * minute);
      await expect(before({ ...approved, built: true })).resolves.toBeUndefined();
    });
  });

  test('a closed gate and an automatic production are refused', async () => {
    const rule = {
      required: 0 as const,
      reasons: [],
      eligible: [],
      notAlone: [],
      solo: 'off' as const,
    };
    const sealed = sealedOf({ rule });
    await expect(approval().verifyApprovals({ sealed, signed: [] })).rejects.toMatchObject(
      refusal('production always needs an approval'),
    );
    const { plan, signed } = { ...(await counted()).sealed, signed: [] };
    const closed = [{ ...gates[0]!, open: false }];
    const shut = { plan, gates: closed, digest: sealDigest(plan, closed) };
    await expect(approval().verifyApprovals({ sealed: shut, signed })).rejects.toMatchObject(
      refusal('a gate is closed'),
    );
  });
});

test('sealing digests the plan and keeps the memo small', async () => {
  const plan = planFor();
  const long = [{ ...gates[0]!, reasons: Array.from({ length: 50 }, () => 'x'.repeat(400)) }];
  const sealed = await approval().sealPlan({ plan, gates: long });
  expect(sealed.digest).not.toBe(sealDigest(plan, long));
  expect(sealed.digest).toBe(sealDigest(plan, sealed.gates));
  expect(JSON.stringify(sealed.gates).length).toBeLessThan(3000);
});

test('a loud reason is whole in the memo, and shortened only if nothing else fits', async () => {
  const plan = planFor();
  const quiet = Array.from({ length: 50 }, () => 'x'.repeat(400));
  const loud = ['one', 'two', 'three', 'four', 'five'].map((name) => name.padEnd(250, '.'));
  const memo = async (reasons: string[], of: number) => {
    const sealed = await approval().sealPlan({
      plan,
      gates: [{ ...gates[0]!, reasons, loud: of }],
    });
    return sealed.gates[0];
  };
  expect(await memo([...loud, ...quiet], 5)).toMatchObject({ loud: 5, reasons: loud });
  const many = Array.from({ length: 12 }, (_, index) => `${index}`.padEnd(290, '.'));
  expect((await memo([...many, ...quiet], 12))?.reasons).toEqual(
    many.map((reason) => reason.slice(0, 200)),
  );
});
