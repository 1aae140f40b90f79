import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import { createLedgerActivities } from '../../../activities/approval/ledger-activities.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import { readStop } from '../../../activities/approval/stop.ts';
import { stopDigest } from '../../../activities/lib/seal-digest.ts';
import { readKeyLine } from '../../../activities/approval/signatures/key-line.ts';
import { fingerprintOf } from '../../../activities/approval/signatures/revoked.ts';
import { createStop } from '../../../activities/records/stop.ts';
import type { Ruling } from '../../../domain/deploy/plan.ts';
import { standingStop } from '../../../domain/gates/stop.ts';
import { Config } from '../../../domain/config/config.ts';
import type { Decision, SignedDecision } from '../../../domain/config/config.ts';
import { makeKey } from '../../support/keys.ts';
import { makeTouchKey } from '../../support/touch-key.ts';

const keys = { alice: makeKey(), bob: makeKey(), ci: makeKey() };
const touchKey = makeTouchKey();
const noon = Date.parse('2026-01-01T12:00:00.000Z');
const iso = (minutes: number) => new Date(noon + minutes * 60_000).toISOString();
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
beforeEach(async () => {
  ledger = await openLedger({ path: ':memory:' });
  config = configOf();
});
afterEach(() => ledger.close());

const reason = 'the database is full';
const safe = 'it has room again';
const stopOf = (over: Partial<Decision> = {}): Decision => ({
  subject: 'stop',
  subjectDigest: stopDigest({ subject: 'stop', stop: '', reason }),
  ...{ deployId: '', project: 'all', environment: 'all', sha: '0'.repeat(40) },
  ...{ decision: 'approve', approver: 'bob', nonce: '1'.repeat(32), notAfter: iso(10) },
  ...over,
});
const liftOf = (stop: string, over: Partial<Decision> = {}): Decision => ({
  ...stopOf({ nonce: '2'.repeat(32) }),
  ...{ subject: 'resume', deployId: stop },
  subjectDigest: stopDigest({ subject: 'resume', stop, reason: safe }),
  ...over,
});
type Key = { sign(payload: unknown, namespace: string): string };
const signed = (
  decision: Decision,
  key: Key = keys.bob,
  namespace = 'plimsoll-approval@v1',
): SignedDecision => ({ decision, signature: key.sign(decision, namespace) });
type Over = { reason?: string; runId?: string; at?: number };
const activities = (at: number) => createStop({ config: () => config, ledger, now: () => at });
const stop = (message: unknown, { at = noon, ...over }: Over = {}) =>
  activities(at).stopLine({ signed: message, reason, runId: 'run-1', ...over });
const lift = (message: unknown, { at = noon, ...over }: Over = {}) =>
  activities(at).resumeLine({ signed: message, reason: safe, runId: 'run-1', ...over });
const recorded = (...kinds: ('stopped' | 'resumed' | 'ruling')[]) =>
  ledger.read({ kinds, limit: 10 });
const first = `stop/${'1'.repeat(32)}`;

test('a signed stop is recorded with who, why and the signature, about no project', async () => {
  const message = signed(stopOf());
  const why = 'bob stops the line: "the database is full"';
  expect(await stop(message)).toMatchObject({ verdict: 'counted', approver: 'bob', why });
  const [entry] = await recorded('stopped');
  const nowhere = { project: null, environment: null, deployId: null };
  expect(entry).toMatchObject({ ...nowhere, body: { reason, by: 'bob', signed: message } });
  expect(await readStop(ledger, config)).toEqual({ key: first, by: 'bob', reason, at: entry?.at });
});

test('an agent that requests deploys may stop it as well', async () => {
  const message = signed(stopOf({ approver: 'ci' }), keys.ci);
  expect(await stop(message)).toMatchObject({ verdict: 'counted', approver: 'ci' });
  expect((await readStop(ledger, config))?.by).toBe('ci');
});

test('tried again by the same run it is the same ruling, written once', async () => {
  const message = signed(stopOf());
  expect(await stop(message)).toEqual(await stop(message));
  expect(await recorded('stopped', 'ruling')).toHaveLength(1);
});

test('no secret of the reason is kept', async () => {
  const leaky = `the token ghp_${'a'.repeat(36)} is out`;
  const subjectDigest = stopDigest({ subject: 'stop', stop: '', reason: leaky });
  const ruling = await stop(signed(stopOf({ subjectDigest })), { reason: leaky });
  const without = 'the token [a GitHub token, left out] is out';
  expect(ruling.why).toBe(`bob stops the line: "${without}"`);
  expect((await readStop(ledger, config))?.reason).toBe(without);
});

test('an approver lifts it, and the line is not stopped any more', async () => {
  await stop(signed(stopOf()));
  expect(await lift(signed(liftOf(first, { approver: 'alice' }), keys.alice))).toMatchObject({
    verdict: 'counted',
    why: 'alice lifts the stop of bob, "the database is full"',
  });
  expect((await recorded('resumed'))[0]?.body).toMatchObject({ by: 'alice', stop: first });
  expect(await readStop(ledger, config)).toBeNull();
});

const onlyBob = () => configOf({ approvers: { bob: person('bob') } });
const validFor = (days: string) => {
  const alice = { keys: [`${days} ${keys.alice.publicKey}`] };
  return configOf({ approvers: { alice, bob: person('bob') } });
};

test.each<[string, () => Config, string]>([
  [
    'whose key was revoked since',
    () => configOf({ revoked: [keys.alice.publicKey] }),
    `its key ${fingerprintOf(readKeyLine(keys.alice.publicKey)!)} is revoked`,
  ],
  ['who is no approver any more', onlyBob, 'no person of that name is configured'],
  [
    'whose key had run out before',
    () => validFor('valid-before="20251231"'),
    'its key expired at 2025-12-31T00:00:00',
  ],
])('the lift by a person %s leaves the line stopped', async (_, today, why) => {
  await stop(signed(stopOf()));
  await lift(signed(liftOf(first, { approver: 'alice' }), keys.alice));
  config = today();
  expect(await readStop(ledger, config)).toMatchObject({
    ...{ key: first, notLifted: `alice: ${why}` },
  });
  const { readLedger } = createLedgerActivities({ ledger, signers: config });
  const rows = await readLedger({ kinds: ['stopped', 'resumed'], limit: 100 });
  expect(standingStop(rows)?.key).toBe(first);
  const again = liftOf(first, { nonce: '4'.repeat(32) });
  expect(await lift(signed(again))).toMatchObject({ verdict: 'counted' });
  expect(await readStop(ledger, config)).toBeNull();
});

test('a lift still counts if its key expired after it signed', async () => {
  await stop(signed(stopOf()));
  await lift(signed(liftOf(first, { approver: 'alice' }), keys.alice));
  expect(await readStop(ledger, validFor('valid-before="20260103"'))).toBeNull();
});

test.each<[string, object]>([
  ['is not there', { signed: undefined }],
  ['has no time', { ruling: {} }],
  ["is another's", { by: 'bob' }],
  ['names another stop', { signed: signed(liftOf('stop/9', { approver: 'alice' }), keys.alice) }],
  ['is of another subject', { signed: signed(stopOf({ approver: 'alice' }), keys.alice) }],
])('a row whose signature %s lifts nothing', async (_, over) => {
  await stop(signed(stopOf()));
  const message = signed(liftOf(first, { approver: 'alice' }), keys.alice);
  const body = { by: 'alice', stop: first, signed: message, ruling: { at: iso(0) }, ...over };
  const nowhere = { deployId: null, project: null, environment: null };
  await ledger.append({ kind: 'resumed', key: 'resume/1', ...nowhere, body });
  expect((await readStop(ledger, config))?.notLifted).toContain(
    'does not contain the original signature',
  );
});

test('a stop stays when the key that signed it is revoked later', async () => {
  await stop(signed(stopOf()));
  const today = configOf({ revoked: [keys.bob.publicKey] });
  expect((await readStop(ledger, today))?.key).toBe(first);
});

test('a stop that came meanwhile is not lifted with the one before', async () => {
  await stop(signed(stopOf()));
  await stop(signed(stopOf({ nonce: '3'.repeat(32) })));
  expect(await lift(signed(liftOf(first)))).toMatchObject({
    verdict: 'void',
    why: 'the lift is for another stop, which is no longer in force',
  });
  expect((await readStop(ledger, config))?.key).toBe(`stop/${'3'.repeat(32)}`);
});

test('a lift of nothing is void', async () => {
  expect((await lift(signed(liftOf(first)))).why).toBe('the line is not stopped');
  expect(await recorded('resumed')).toEqual([]);
});

type Attack = [string, () => Promise<Ruling>, string];

describe('it stops nothing, and is recorded with its own reason:', () => {
  test.each<Attack>([
    [
      'unsigned',
      () => stop({ decision: stopOf() }),
      'it is not a signed stop, because signature is not valid: Invalid input: expected string, received undefined',
    ],
    ["another's key", () => stop(signed(stopOf(), keys.ci)), "the signature is not bob's: "],
    [
      'another namespace',
      () => stop(signed(stopOf(), keys.bob, 'plimsoll-request@v1')),
      "the signature is not bob's: ",
    ],
    [
      'a stranger',
      () => stop(signed(stopOf({ approver: 'zoe' }))),
      'zoe is neither a configured approver nor a requester',
    ],
    [
      'a lift',
      () => stop(signed(stopOf({ subject: 'resume' }))),
      'the decision is about "resume", but the question is "stop"',
    ],
    [
      'a reject',
      () => stop(signed(stopOf({ decision: 'reject' }))),
      'only a signed stop stops the line, so there is nothing to reject',
    ],
    [
      'another reason',
      () => stop(signed(stopOf()), { reason: 'because' }),
      'the signature is for another reason',
    ],
    [
      'too late',
      () => stop(signed(stopOf()), { at: noon + 11 * 60_000 }),
      `the decision expired at ${iso(10)}`,
    ],
    [
      'too patient',
      () => stop(signed(stopOf({ notAfter: iso(60) }))),
      `the decision is valid until ${iso(60)}, longer than a stop may be valid`,
    ],
  ])('%s', async (_, tried, why) => {
    const ruling = await tried();
    expect([ruling.verdict, ruling.why.slice(0, why.length)]).toEqual(['void', why]);
    expect(await readStop(ledger, config)).toBeNull();
    expect(await recorded('ruling')).toHaveLength(1);
  });
});

describe('it lifts nothing:', () => {
  beforeEach(() => stop(signed(stopOf())));

  test.each<Attack>([
    [
      'an agent',
      () => lift(signed(liftOf(first, { approver: 'ci' }), keys.ci)),
      'ci is an agent: it may request deploys, but never lift a stop',
    ],
    [
      'a stranger',
      () => lift(signed(liftOf(first, { approver: 'zoe' }))),
      'zoe is not a configured approver',
    ],
    ["another's key", () => lift(signed(liftOf(first), keys.ci)), "the signature is not bob's: "],
    [
      'a stop',
      () => lift(signed(liftOf(first, { subject: 'stop' }))),
      'the decision is about "stop", but the question is "resume"',
    ],
    [
      'the reason of another',
      () => lift(signed(liftOf(first)), { reason: 'because' }),
      'the signature is for another stop or reason',
    ],
    [
      'another stop',
      () => lift(signed({ ...liftOf('stop/9'), deployId: first })),
      'the signature is for another stop or reason',
    ],
    [
      'too late',
      () => lift(signed(liftOf(first)), { at: noon + 11 * 60_000 }),
      `the decision expired at ${iso(10)}`,
    ],
  ])('%s', async (_, tried, why) => {
    const ruling = await tried();
    expect([ruling.verdict, ruling.why.slice(0, why.length)]).toEqual(['void', why]);
    expect((await readStop(ledger, config))?.key).toBe(first);
  });

  test('a replay after the line was stopped again', async () => {
    const message = signed(liftOf(first));
    await lift(message);
    await stop(signed(stopOf({ nonce: '3'.repeat(32) })), { runId: 'run-2' });
    expect((await lift(message, { runId: 'run-3' })).why).toBe(
      'it is a replay: the decision with nonce 22222222 was already judged',
    );
    expect((await readStop(ledger, config))?.key).toBe(`stop/${'3'.repeat(32)}`);
  });
});

test('solo with a touch key, stopping needs no touch and lifting does', async () => {
  const alone = { keys: [touchKey.publicKey, keys.bob.publicKey] };
  config = configOf({ approvers: { bob: alone }, solo: 'touch-key' });
  expect((await stop(signed(stopOf()))).verdict).toBe('counted');
  expect((await lift(signed(liftOf(first)))).why).toBe(
    'solo mode needs a touch: sign with the touch key and touch it',
  );
  const touched = liftOf(first, { nonce: '4'.repeat(32) });
  expect((await lift(signed(touched, touchKey))).verdict).toBe('counted');
});
