import fc from 'fast-check';
import { expect } from 'vitest';
import type { Decision } from '../../domain/config/config.ts';
import { liftDigest, stopDigest, waiveDigest } from '../../activities/lib/seal-digest.ts';
import { namespaces } from '../../domain/deploy/wire.ts';
import { digest, inMinutes, keys, nonce } from './door.ts';
import type { Somebody, startDoor } from './door.ts';

/** A signed call. `sign` wraps a payload of this call, signed by somebody, into the call's input. */
export type SignedCall = {
  call: string;
  /** The person of the session, who also signs. */
  who: Somebody;
  /** The calls at the session that a genuine call makes. */
  reaches: string[];
  namespace: string;
  payload: () => Record<string, unknown>;
  /** The field of the payload that limits its life, and a value that has ended. */
  ended: Record<string, string>;
  wrap: (payload: unknown, signature: string) => unknown;
};

const place = { project: 'shop', environment: 'production' };
export const runId = '11111111-2222-3333-4444-555555555555';
const sha = 'b'.repeat(40);
const reason = 'it is safe now';

const request = (): Record<string, unknown> => ({
  ...{ ...place, ref: 'main', requestedBy: 'ci', reason: 'a new page', priority: 'normal' },
  ...{ nonce: nonce(), requestedAt: new Date().toISOString() },
});
const decision = (about: Partial<Decision>): Record<string, unknown> => ({
  ...{ ...place, sha, approver: 'ana', decision: 'approve', deployId: 'd-0123456789ab' },
  ...{ subject: 'deploy', subjectDigest: digest, nonce: nonce(), notAfter: inMinutes(9) },
  ...about,
});
const order = (about: object): Record<string, unknown> => ({
  ...{ by: 'ci', nonce: nonce(), notAfter: inMinutes(9) },
  ...about,
});

const old = { requestedAt: inMinutes(-16) };
const past = { notAfter: inMinutes(-1) };
const asked = { who: 'ci', namespace: namespaces.request, payload: request, ended: old } as const;
const decided = { who: 'ana', namespace: namespaces.approval, ended: past } as const;
const ordered = { who: 'ci', namespace: namespaces.order, ended: past } as const;
const begun = { call: 'begin', reaches: ['begin'] };

const lifted = { ...place, deployId: 'd-0123456789ab', sha, reason };
const waived = { finding: 'GHSA-vh95-rmgr-6w4m', reason, until: inMinutes(1440).slice(0, 10) };

/** Every call of the door that carries a signature, by its name. */
export const signedCalls: Record<string, SignedCall> = {
  start: {
    ...asked,
    ...{ call: 'start', reaches: ['start'] },
    wrap: (it, signature) => ({ signed: { request: it, signature } }),
  },
  rollBack: {
    ...asked,
    ...{ call: 'rollBack', reaches: ['rollBack'] },
    namespace: namespaces.rollback,
    wrap: (it, signature) => ({ signed: { request: it, signature } }),
  },
  supersede: {
    ...asked,
    ...{ call: 'supersede', reaches: ['supersede'] },
    wrap: (it, signature) => ({ place, runId, signed: { request: it, signature } }),
  },
  plan: {
    ...asked,
    ...begun,
    namespace: namespaces.plan,
    wrap: (it, signature) => ({ task: 'plan', input: { request: it, signature } }),
  },
  adopt: {
    ...asked,
    ...begun,
    namespace: namespaces.adopt,
    wrap: (it, signature) => ({ task: 'adopt', input: { request: it, signature } }),
  },
  decide: {
    ...decided,
    ...{ call: 'decide', reaches: ['deploy', 'decide'] },
    payload: () => decision({}),
    wrap: (it, signature) => ({ place, runId, signed: { decision: it, signature } }),
  },
  lift: {
    ...decided,
    ...begun,
    payload: () => decision({ subject: 'lift', subjectDigest: liftDigest(lifted) }),
    wrap: (it, signature) => ({
      ...{ task: 'lift', input: { reason, signed: { decision: it, signature } } },
    }),
  },
  waive: {
    ...decided,
    ...begun,
    payload: () =>
      decision({ subject: 'waive', subjectDigest: waiveDigest({ ...place, ...waived }) }),
    wrap: (it, signature) => ({
      ...{ task: 'waive', input: { ...waived, signed: { decision: it, signature } } },
    }),
  },
  stop: {
    ...decided,
    ...begun,
    payload: () =>
      decision({
        ...{ subject: 'stop', deployId: '', project: 'all', environment: 'all' },
        subjectDigest: stopDigest({ subject: 'stop', stop: '', reason }),
      }),
    wrap: (it, signature) => ({
      ...{ task: 'stopLine', input: { reason, signed: { decision: it, signature } } },
    }),
  },
  resume: {
    ...decided,
    ...begun,
    payload: () =>
      decision({
        ...{ subject: 'resume', deployId: 'stop/1', project: 'all', environment: 'all' },
        subjectDigest: stopDigest({ subject: 'resume', stop: 'stop/1', reason }),
      }),
    wrap: (it, signature) => ({
      ...{ task: 'stopLine', input: { reason, lift: true, signed: { decision: it, signature } } },
    }),
  },
  ...Object.fromEntries(
    ['abort', 'rollback', 'retry', 'flag'].map((name) => [
      name,
      {
        ...ordered,
        ...{ call: 'order', reaches: ['order'] },
        payload: () =>
          order({ order: name, ...place, runId, ...(name === 'flag' ? { text: 'no pay' } : {}) }),
        wrap: (it: unknown, signature: string) => ({ signed: { order: it, signature } }),
      },
    ]),
  ),
  reconcile: {
    ...ordered,
    ...begun,
    payload: () => order({ order: 'reconcile', project: 'shop' }),
    wrap: (it, signature) => ({ task: 'reconcile', input: { order: it, signature } }),
  },
  closeIncident: {
    ...ordered,
    ...begun,
    payload: () => order({ order: 'closeIncident', incident: 'incident-d-1', note: '' }),
    wrap: (it, signature) => ({ task: 'closeIncident', input: { order: it, signature } }),
  },
};

/** The input of a call whose payload `who` signed. */
export const signedInput = (
  { payload, namespace, wrap, who }: SignedCall,
  changes: { by?: Somebody; payload?: object; namespace?: string } = {},
) => {
  const it = { ...payload(), ...changes.payload };
  const signature = keys[changes.by ?? who].sign(it, changes.namespace ?? namespace);
  return wrap(it, signature);
};

const much = { perSecond: 100_000, burst: 100_000 };
export const noLimits = {
  ...{ perAddress: much, loginsPerAddress: much, perPerson: much, writesPerPerson: much },
};

/** Every path of a value to a text, a number or a truth value. */
const leaves = (value: unknown, path: string[] = []): string[][] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, member]) => leaves(member, [...path, key]))
    : [path];

function replaced(value: any, [key, ...rest]: string[], by: (old: unknown) => unknown): any {
  if (key === undefined) return by(value);
  return { ...value, [key]: replaced(value[key], rest, by) };
}

const strange = fc.oneof(
  fc.constantFrom('', 'production', 'ana', 'ben', 'approve', 'reject', '__proto__', '../x', '\0'),
  fc.string({ maxLength: 40 }),
  fc.constantFrom(null, true, 0, -1, [], {}),
);

type Door = Awaited<ReturnType<typeof startDoor>>;

/** Sends genuine calls with one changed field. Expects that none of them reaches Temporal. */
export async function expectAllRefused(
  door: Door,
  tokens: Record<Somebody, string>,
  numRuns: number,
) {
  const genuine = Object.values(signedCalls).map((it) => {
    const payload = it.payload();
    return { it, payload, signature: keys[it.who].sign(payload, it.namespace) };
  });
  const before = door.calls.length;
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), strange, async (which, field, value) => {
      const { it, payload, signature } = genuine[which % genuine.length]!;
      const paths = leaves(payload);
      const path = paths[field % paths.length]!;
      const changed = replaced(payload, path, (old) => (old === value ? `${old}x` : value));
      const { body } = await door.post(it.call, it.wrap(changed, signature), tokens[it.who]);
      expect(body.error?.code).toBeTypeOf('string');
    }),
    { numRuns },
  );
  expect(door.calls.length).toBe(before);
}
