import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import { waiveDigest } from '../../../activities/lib/seal-digest.ts';
import { createWaive } from '../../../activities/records/waive.ts';
import { Config } from '../../../domain/config/config.ts';
import type { Decision, SignedDecision } from '../../../domain/config/config.ts';
import { makeKey } from '../../support/keys.ts';
import { makeTouchKey } from '../../support/touch-key.ts';

const keys = { alice: makeKey(), bob: makeKey(), ci: makeKey() };
const touchKey = makeTouchKey();
const noon = Date.parse('2026-01-01T12:00:00.000Z');
const iso = (minutes: number) => new Date(noon + minutes * 60_000).toISOString();
const what = { finding: 'GHSA-vh95-rmgr-6w4m', reason: 'never called', until: '2026-01-31' };
const place = { project: 'shop', environment: 'production' };
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

const decisionOf = (over: Partial<Decision> = {}, about = what): Decision => ({
  subject: 'waive',
  subjectDigest: waiveDigest({ ...place, ...about }),
  ...{ deployId: '', ...place, sha: '0'.repeat(40) },
  decision: 'approve',
  approver: 'bob',
  nonce: '1'.repeat(32),
  notAfter: iso(10),
  ...over,
});
type Key = { sign(payload: unknown, namespace: string): string };
const signed = (
  decision: Decision,
  key: Key = keys.bob,
  namespace = 'plimsoll-approval@v1',
): SignedDecision => ({ decision, signature: key.sign(decision, namespace) });
const waive = (message: unknown, over: Partial<typeof what> = {}, runId = 'run-1', at = noon) =>
  createWaive({ config: () => config, ledger, now: () => at }).waiveFinding({
    ...{ signed: message, ...what, runId },
    ...over,
  });
const recorded = (...kinds: ('waived' | 'ruling')[]) => ledger.read({ kinds, limit: 10 });

test('a signed waiver is recorded with who, why, until when and the signature', async () => {
  const message = signed(decisionOf());
  expect(await waive(message)).toMatchObject({
    verdict: 'counted',
    approver: 'bob',
    why: 'bob waives GHSA-vh95-rmgr-6w4m in shop production until 2026-01-31',
  });
  const [entry] = await recorded('waived');
  expect(entry).toMatchObject({ ...place, body: { ...what, by: 'bob', signed: message } });
});

test('tried again by the same run it is the same ruling, written once', async () => {
  const message = signed(decisionOf());
  expect(await waive(message)).toEqual(await waive(message));
  expect(await recorded('waived', 'ruling')).toHaveLength(1);
});

test('no secret of the reason is kept', async () => {
  const about = { ...what, reason: `the token ghp_${'a'.repeat(36)} was wrong` };
  const message = signed(decisionOf({ subjectDigest: waiveDigest({ ...place, ...about }) }));
  expect((await waive(message, about)).verdict).toBe('counted');
  expect((await recorded('waived'))[0]?.body['reason']).toBe(
    'the token [a GitHub token, left out] was wrong',
  );
});

describe('it waives nothing, and is recorded with its own reason:', () => {
  const other = 'the signature is for another finding, place, reason or day';
  test.each<[string, () => Promise<{ verdict: string; why: string }>, string]>([
    [
      'unsigned',
      () => waive({ decision: decisionOf() }),
      'it is not a signed waiver, because signature is not valid: Invalid input: expected string, received undefined',
    ],
    [
      "another's key",
      () => waive(signed(decisionOf(), keys.alice)),
      "the signature is not bob's: ",
    ],
    [
      'another namespace',
      () => waive(signed(decisionOf(), keys.bob, 'plimsoll-request@v1')),
      "the signature is not bob's: ",
    ],
    [
      'an agent',
      () => waive(signed(decisionOf({ approver: 'ci' }), keys.ci)),
      'ci is an agent: it may request deploys, but never waive a finding',
    ],
    [
      'a stranger',
      () => waive(signed(decisionOf({ approver: 'zoe' }))),
      'zoe is not a configured approver',
    ],
    [
      'a lift',
      () => waive(signed(decisionOf({ subject: 'lift' }))),
      'the decision is about "lift", but the question is "waive"',
    ],
    [
      'a reject',
      () => waive(signed(decisionOf({ decision: 'reject' }))),
      'a finding counts unless it is waived, so there is nothing to reject',
    ],
    [
      'another finding',
      () => waive(signed(decisionOf()), { finding: 'GHSA-9999-9999-9999' }),
      other,
    ],
    ['another reason', () => waive(signed(decisionOf()), { reason: 'because' }), other],
    ['another day', () => waive(signed(decisionOf()), { until: '2026-02-28' }), other],
    ['another place', () => waive(signed(decisionOf({ environment: 'staging' }))), other],
    [
      'too late',
      () => waive(signed(decisionOf()), {}, 'run-1', noon + 11 * 60_000),
      `the decision expired at ${iso(10)}`,
    ],
    [
      'too patient',
      () => waive(signed(decisionOf({ notAfter: iso(60) }))),
      `the decision is valid until ${iso(60)}, longer than a waiver may be valid`,
    ],
  ])('%s', async (_, tried, why) => {
    const ruling = await tried();
    expect(ruling.verdict).toBe('void');
    expect(ruling.why.slice(0, why.length)).toBe(why);
    expect(await recorded('waived')).toEqual([]);
    expect(await recorded('ruling')).toHaveLength(1);
  });

  test.each([
    ['2025-12-31', 'the last day of the waiver, 2025-12-31, is over'],
    ['2026-06-01', 'the last day of the waiver, 2026-06-01, is more than 90 days away'],
    ['someday', '"someday" is not a day; the last day of a waiver is a date such as 2027-01-31'],
    [
      'Feb 1, 2026',
      '"Feb 1, 2026" is not a day; the last day of a waiver is a date such as 2027-01-31',
    ],
  ])('the day %s', async (until, why) => {
    const about = { ...what, until };
    const message = signed(decisionOf({ subjectDigest: waiveDigest({ ...place, ...about }) }));
    expect(await waive(message, about)).toMatchObject({ verdict: 'void', why });
  });

  test('a replay in another run', async () => {
    const message = signed(decisionOf());
    await waive(message);
    expect(await waive(message, {}, 'run-2')).toMatchObject({
      verdict: 'void',
      why: 'it is a replay: the decision with nonce 11111111 was already judged',
    });
    expect(await recorded('waived')).toHaveLength(1);
  });

  test('solo with a touch key, without the touch', async () => {
    const alone = { keys: [touchKey.publicKey, keys.bob.publicKey] };
    config = configOf({ approvers: { bob: alone }, solo: 'touch-key' });
    expect((await waive(signed(decisionOf()))).why).toBe(
      'solo mode needs a touch: sign with the touch key and touch it',
    );
    const touched = decisionOf({ nonce: '2'.repeat(32) });
    expect((await waive(signed(touched, touchKey))).verdict).toBe('counted');
  });
});
