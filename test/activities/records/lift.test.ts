import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLift } from '../../../activities/records/lift.ts';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import { liftDigest } from '../../../activities/lib/seal-digest.ts';
import { Config } from '../../../domain/config/config.ts';
import type { Decision, SignedDecision } from '../../../domain/config/config.ts';
import { makeKey } from '../../support/keys.ts';
import { makeTouchKey } from '../../support/touch-key.ts';

const keys = { alice: makeKey(), bob: makeKey(), ci: makeKey(), mallory: makeKey() };
const touchKey = makeTouchKey();
const noon = Date.parse('2026-01-01T12:00:00.000Z');
const iso = (minutes: number) => new Date(noon + minutes * 60_000).toISOString();
const sha = (digit: string) => digit.repeat(40);
const reason = 'the disk was full';
const person = (name: keyof typeof keys) => ({ keys: [keys[name].publicKey] });
const configOf = (over: object = {}) =>
  Config.parse({
    approvers: { alice: person('alice'), bob: person('bob') },
    requesters: { ci: person('ci') },
    projects: {},
    ...over,
  });

let ledger: Ledger;
let config = configOf();
let runs = 0;
const quarantine = (over: object = {}, body: object = {}) => ({
  kind: 'quarantine' as const,
  key: `q-${(runs += 1)}`,
  deployId: 'd-1',
  project: 'shop',
  environment: 'production',
  body: { sha: sha('b'), release: { id: 'b-1', sha: sha('b') }, why: 'it lost carts', ...body },
  ...over,
});
beforeEach(async () => {
  ledger = await openLedger({ path: ':memory:' });
  config = configOf();
  await ledger.append(quarantine());
});
afterEach(() => ledger.close());

type About = { deployId: string; project: string; environment: string; sha: string };
const about = { deployId: 'd-1', project: 'shop', environment: 'production', sha: sha('b') };
const decisionOf = (over: Partial<Decision> = {}, why = reason): Decision => {
  const subject: About = { ...about, ...over };
  const { deployId, project, environment, sha: commit } = subject;
  return {
    subject: 'lift',
    subjectDigest: liftDigest({ deployId, project, environment, sha: commit, reason: why }),
    ...about,
    decision: 'approve',
    approver: 'bob',
    nonce: '1'.repeat(32),
    notAfter: iso(10),
    ...over,
  };
};
const signed = (
  decision: Decision,
  key: { sign(payload: unknown, namespace: string): string } = keys.bob,
  namespace = 'plimsoll-approval@v1',
): SignedDecision => ({ decision, signature: key.sign(decision, namespace) });
const lift = (message: unknown, { why = reason, runId = 'run-1', at = noon } = {}) =>
  createLift({ config: () => config, ledger, now: () => at }).liftQuarantine({
    signed: message,
    reason: why,
    runId,
  });
const stands = async () => (await ledger.quarantines('shop')).length > 0;
const recorded = () => ledger.read({ kinds: ['lifted', 'ruling'], limit: 10 });

describe('a signed lift', () => {
  test('ends the quarantine, and is recorded with who, why and the signature', async () => {
    const message = signed(decisionOf());
    expect(await lift(message)).toMatchObject({
      verdict: 'counted',
      approver: 'bob',
      genuine: true,
      why: 'bob lifts the quarantine of bbbbbbbbbbbb in shop production',
    });
    expect(await stands()).toBe(false);
    const [entry] = await recorded();
    expect(entry).toMatchObject({
      kind: 'lifted',
      project: 'shop',
      environment: 'production',
      deployId: 'd-1',
      body: { sha: sha('b'), reason, signed: message },
    });
  });

  test('tried again by the same run is the same ruling, written once', async () => {
    const message = signed(decisionOf());
    const first = await lift(message);
    expect(await lift(message)).toEqual(first);
    expect(await recorded()).toHaveLength(1);
  });

  test('ends a quarantine of a release id alone, by its commit', async () => {
    await lift(signed(decisionOf()));
    await ledger.append(quarantine({ deployId: 'd-2' }, { sha: undefined }));
    const again = decisionOf({ deployId: 'd-2', nonce: '2'.repeat(32) });
    expect((await lift(signed(again), { runId: 'run-2' })).verdict).toBe('counted');
    expect(await stands()).toBe(false);
  });

  test('keeps no secret of the reason', async () => {
    const why = `the token ghp_${'a'.repeat(36)} was wrong`;
    expect((await lift(signed(decisionOf({}, why)), { why })).verdict).toBe('counted');
    expect((await recorded())[0]?.body['reason']).toBe(
      'the token [a GitHub token, left out] was wrong',
    );
  });
});

describe('a lift that does not count', () => {
  const ran = (over: Partial<Decision>, key: keyof typeof keys = 'bob') =>
    signed(decisionOf(over), keys[key]);
  const rows: [string, () => unknown, string, object?][] = [
    [
      'another commit',
      () => ran({ sha: sha('c') }),
      'cccccccccccc is not quarantined in shop production',
    ],
    [
      'another environment',
      () => ran({ environment: 'staging' }),
      'bbbbbbbbbbbb is not quarantined in shop staging',
    ],
    [
      'another project',
      () => ran({ project: 'blog' }),
      'bbbbbbbbbbbb is not quarantined in blog production',
    ],
    [
      'the quarantine of another deploy',
      () => ran({ deployId: 'd-0' }),
      'the lift is for the quarantine by the deploy d-0, which is no longer in force',
    ],
    [
      'an approval to ship',
      () => ran({ subject: 'deploy' }),
      'the decision is about "deploy", but the question is "lift"',
    ],
    [
      'a rejection',
      () => ran({ decision: 'reject' }),
      'a quarantine stays unless it is lifted, so there is nothing to reject',
    ],
    [
      'another reason than the signed one',
      () => ran({}),
      'the signature is for another commit, place or reason',
      { why: 'none' },
    ],
    [
      'a digest of another commit',
      () => ran({ subjectDigest: decisionOf({ sha: sha('c') }).subjectDigest }),
      'the signature is for another commit, place or reason',
    ],
    [
      'an expired one',
      () => ran({}),
      `the decision expired at ${iso(10)}`,
      { at: noon + 11 * 60_000 },
    ],
    [
      'one for ever',
      () => ran({ notAfter: iso(60) }),
      `the decision is valid until ${iso(60)}, longer than a lift may be valid`,
    ],
    [
      'an agent',
      () => ran({ approver: 'ci' }, 'ci'),
      'ci is an agent: it may request deploys, but never lift a quarantine',
    ],
    [
      'a stranger',
      () => ran({ approver: 'mallory' }, 'mallory'),
      'mallory is not a configured approver',
    ],
    [
      "somebody else's key",
      () => ran({}, 'mallory'),
      "the signature is not bob's: it was made with a key that is not configured for this person",
    ],
    [
      'a signature for requests',
      () => signed(decisionOf(), keys.bob, 'plimsoll-request@v1'),
      'the signature is not bob\'s: it was made for "plimsoll-request@v1", not for "plimsoll-approval@v1"',
    ],
    [
      'a decision that was changed after it was signed',
      () => ({ ...ran({ sha: sha('c') }), decision: decisionOf() }),
      "the signature is not bob's: the ssh-ed25519 signature does not match the signed content",
    ],
    [
      'no decision',
      () => ({ lift: true }),
      'it is not a signed lift, because decision is not valid: ',
    ],
    ['nothing', () => null, 'it is not a signed lift, because the message is not valid: '],
  ];
  test.each(rows)('%s', async (_, message, why, how = {}) => {
    const ruling = await lift(message(), how);
    expect(ruling.verdict).toBe('void');
    expect(ruling.why).toContain(why);
    expect(await stands()).toBe(true);
    expect((await recorded()).map(({ kind }) => kind)).toEqual(['ruling']);
  });

  test('a replay, after the commit failed and was quarantined again', async () => {
    const message = signed(decisionOf());
    await lift(message);
    await ledger.append(quarantine());
    const again = await lift(message, { runId: 'run-2' });
    expect(again).toMatchObject({
      verdict: 'void',
      why: 'it is a replay: the decision with nonce 11111111 was already judged',
    });
    expect(await stands()).toBe(true);
    expect(await lift(message, { runId: 'run-2' })).toMatchObject({ verdict: 'void' });
  });

  test('a forgery with a copied nonce never takes the place of the lift', async () => {
    const forged = await lift(signed(decisionOf(), keys.mallory));
    expect(forged.verdict).toBe('void');
    expect((await lift(signed(decisionOf()), { runId: 'run-2' })).verdict).toBe('counted');
  });

  test('a lift that the bridge to Slack signed, for any click', async () => {
    const approvals = { team: 'T0TEAM', key: '/k', publicKey: keys.mallory.publicKey };
    config = configOf({
      slack: { token: 'env:TOKEN', approvals: { ...approvals, appToken: 'env:APP' } },
    });
    const at = { channel: 'D0BOB', message: '1767229200.000100', action: '1767229260.000200' };
    const click = decisionOf({ via: { slack: { user: 'U0BOB', team: 'T0TEAM', ...at } } });
    expect(await lift(signed(click, keys.mallory, 'plimsoll-slack@v1'))).toMatchObject({
      verdict: 'void',
      why: 'a click at Slack cannot lift a quarantine: this decision needs a signature by key',
    });
    expect(await stands()).toBe(true);
  });

  test('in solo mode one without a touch', async () => {
    const bob = { keys: [keys.bob.publicKey, touchKey.publicKey] };
    config = configOf({ approvers: { bob }, solo: 'touch-key' });
    expect((await lift(signed(decisionOf()))).why).toBe(
      'solo mode needs a touch: sign with the touch key and touch it',
    );
    const touched = signed(decisionOf({ nonce: '2'.repeat(32) }), touchKey);
    expect(await lift(touched, { runId: 'run-2' })).toMatchObject({
      verdict: 'counted',
      touch: true,
    });
  });

  test('any change of any field of a signed lift', async () => {
    const message = signed(decisionOf());
    const change = fc.record(
      {
        sha: fc.stringMatching(/^[0-9a-f]{40}$/),
        deployId: fc.stringMatching(/^d-[2-9]{3}$/),
        project: fc.constantFrom('blog', 'shop2'),
        environment: fc.constantFrom('staging', 'production2'),
        nonce: fc.stringMatching(/^[0-9a-f]{32}$/),
        notAfter: fc.integer({ min: 11, max: 5000 }).map(iso),
        approver: fc.constantFrom('alice', 'ci', 'mallory'),
        subject: fc.constantFrom('deploy', 'keep', 'waive', 'first'),
        subjectDigest: fc.stringMatching(/^[0-9a-f]{64}$/),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(change, async (changes) => {
        fc.pre(Object.keys(changes).length > 0);
        const decision = { ...message.decision, ...changes };
        const ruling = await lift({ ...message, decision });
        expect(ruling).toMatchObject({ verdict: 'void', genuine: false });
        expect(await stands()).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
