import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { namespaces } from '../../domain/deploy/wire.ts';
import { keys, startDoor } from '../support/door.ts';
import type { Somebody } from '../support/door.ts';
import { expectAllRefused, noLimits, signedCalls, signedInput } from '../support/door-calls.ts';
import type { SignedCall } from '../support/door-calls.ts';

let door: Awaited<ReturnType<typeof startDoor>>;
const tokens = {} as Record<Somebody, string>;
beforeAll(async () => {
  door = await startDoor({ rates: noLimits });
  for (const name of ['ana', 'ben', 'ci'] as const) tokens[name] = await door.login(name);
});
afterAll(() => door?.close());

/** Sends a call. Returns its error code, or "ok", and the calls that reached the session. */
async function send({ call, who }: Pick<SignedCall, 'call' | 'who'>, input: unknown, as = who) {
  const before = door.calls.length;
  const { body } = await door.post(call, input, tokens[as]);
  return [body.error?.code ?? 'ok', ...door.calls.slice(before)];
}

describe.each(Object.entries(signedCalls))('%s', (name, it_) => {
  it('reaches Temporal if it is genuine, and only once', async () => {
    const input = signedInput(it_);
    expect(await send(it_, input)).toEqual(['ok', ...it_.reaches]);
    // A client repeats a request while it waits for the lock, until its deploy has started.
    const again = name === 'supersede' ? ['ok', 'supersede'] : ['replayed'];
    expect(await send(it_, input)).toEqual(again);
  });

  it('is refused without a signature, and with the signature of somebody else', async () => {
    expect(await send(it_, it_.wrap(it_.payload(), ''))).toEqual(['bad-signature']);
    expect(await send(it_, signedInput(it_, { by: 'eve' }))).toEqual(['bad-signature']);
    expect(await send(it_, signedInput(it_, { by: 'ben' }))).toEqual(['bad-signature']);
  });

  it('is refused with a signature for another purpose', async () => {
    const other = Object.values(namespaces).filter((one) => one !== it_.namespace);
    const namespace = other[name.length % other.length] ?? '';
    expect(await send(it_, signedInput(it_, { namespace }))).toEqual(['bad-signature']);
  });

  it('is refused after its time', async () => {
    expect(await send(it_, signedInput(it_, { payload: it_.ended }))).toEqual(['expired']);
  });

  it('is refused in the session of another person, and without a session', async () => {
    expect(await send(it_, signedInput(it_), 'ben')).toEqual(['another-person']);
    const before = door.calls.length;
    const { status } = await door.post(it_.call, signedInput(it_));
    expect([status, door.calls.length]).toEqual([401, before]);
  });

  it('is refused if it is too large', async () => {
    const input = signedInput(it_) as object;
    expect(await send(it_, { ...input, more: 'x'.repeat(70_000) })).toEqual(['too-large']);
    expect(await send(it_, { ...input, more: 'x' })).toEqual(['bad-shape']);
  });
});

test('no token and no signature gets into the log or into the list of refused calls', async () => {
  const own = await startDoor();
  const token = await own.login('ana');
  const it = signedCalls['decide'] as SignedCall;
  await own.post(it.call, signedInput(it, { by: 'eve' }), token);
  await own.post(it.call, signedInput(it), `${token}x`);
  await own.post(`${token.slice(0, 20)}`, {}, token);
  await own.close();
  const told = JSON.stringify([own.said, own.known()]);
  expect(own.known().counts).toMatchObject({ 'bad-signature': 1, 'no-session': 1 });
  for (const part of [token.slice(20, 60), token.split('.').at(-1) ?? '', 'SSH SIGNATURE'])
    expect(told).not.toContain(part);
});

test('a request is repeated 12 times at most, while another deploy holds the lock', async () => {
  const own = await startDoor({ rates: noLimits, answers: { start: async () => null } });
  const token = await own.login('ci');
  for (const name of ['start', 'supersede']) {
    const it = signedCalls[name] as SignedCall;
    const input = signedInput(it);
    const codes = [];
    for (let at = 0; at < 13; at += 1)
      codes.push((await own.post(it.call, input, token)).body.error?.code ?? 'ok');
    expect(codes).toEqual([...Array.from({ length: 12 }, () => 'ok'), 'replayed']);
  }
  await own.close();
});

test('a requester approves nothing, and stops the line', async () => {
  const approver = { approver: 'ci' };
  for (const name of ['decide', 'lift', 'waive', 'resume']) {
    const it = { ...(signedCalls[name] as SignedCall), who: 'ci' as const };
    expect(await send(it, signedInput(it, { payload: approver }))).toEqual(['no-right']);
  }
  const stop = { ...(signedCalls['stop'] as SignedCall), who: 'ci' as const };
  expect(await send(stop, signedInput(stop, { payload: approver }))).toEqual(['ok', 'begin']);
});

test('the words of a waiver, a lift and a stop are signed', async () => {
  for (const name of ['lift', 'waive', 'stop', 'resume']) {
    const it = signedCalls[name] as SignedCall;
    const { task, input } = signedInput(it) as { task: string; input: object };
    const other = { task, input: { ...input, reason: 'another reason' } };
    expect(await send(it, other)).toEqual(['bad-signature']);
  }
});

test('an approval counts only for a plan that a worker sealed, and a rejection for every plan', async () => {
  const it = signedCalls['decide'] as SignedCall;
  const why = () => 'it has no seal of a worker';
  const own = await startDoor({ whyNotSealed: why });
  const token = await own.login('ana');
  const send = async (payload: object) =>
    (await own.post('decide', signedInput(it, { payload }), token)).body.error?.message ?? 'ok';
  expect(await send({})).toBe(
    'No worker sealed the plan that waits: it has no seal of a worker. Nothing was sent.\n' +
      'If the workers have no new key, somebody with access to Temporal wrote this plan: ' +
      'docs/security.md#a-worker-refused-a-step',
  );
  expect(await send({ subjectDigest: 'd'.repeat(64) })).toMatch(
    /^The plan of the deploy differs from the plan that was signed\. /,
  );
  expect(own.calls).toEqual(['deploy', 'deploy']);
  expect(await send({ decision: 'reject' })).toBe('ok');
  const real = await startDoor({ whyNotSealed: undefined } as object);
  const body = await real.post('decide', signedInput(it), await real.login('ana'));
  expect(body.status).toBe(409);
  await Promise.all([own.close(), real.close()]);
});

test('a decision is sent to its own place only, and a click is no decision here', async () => {
  const it = signedCalls['decide'] as SignedCall;
  const input = signedInput(it) as { place: object };
  const elsewhere = { ...input, place: { project: 'shop', environment: 'staging' } };
  expect(await send(it, elsewhere)).toEqual(['bad-shape']);
  // Even a decision that the Slack bridge signed comes through Slack only.
  door.config.slack = { approvals: { publicKey: keys.eve.publicKey } } as never;
  const [message, action] = ['1712345678.123456', '1712345679.123456'];
  const slack = { user: 'U1', team: 'T1', channel: 'C1', message, action };
  const changes = { by: 'eve', namespace: namespaces.slack, payload: { via: { slack } } } as const;
  expect(await send(it, signedInput(it, changes))).toEqual(['bad-signature']);
  delete door.config.slack;
});

test('150 calls with one changed field reach Temporal 0 times', () =>
  expectAllRefused(door, tokens, 150));
