import { randomBytes } from 'node:crypto';
import { namespaces } from '../domain/messages.ts';
import type { Ruling } from '../domain/plan.ts';
import { aloneLifeMs } from '../domain/policy/alone.ts';
import type { Decision, SignedDecision } from '../domain/schema.ts';
import { clean } from './clean.ts';
import { UserError } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import { identity } from './identity.ts';
import type { IdentityOptions } from './identity.ts';
import type { Io } from './io.ts';
import { signPayload } from './sign.ts';

export type About = Omit<Decision, 'decision' | 'approver' | 'nonce' | 'notAfter'>;

/** A decision that belongs to no open deploy. It must arrive within minutes. */
export async function signAlone(
  io: Io,
  options: IdentityOptions,
  about: About,
): Promise<SignedDecision> {
  const { name: approver, keyPath } = identity(io, options);
  const decision: Decision = {
    ...about,
    ...{ decision: 'approve', approver },
    nonce: randomBytes(16).toString('hex'),
    notAfter: new Date(Date.now() + aloneLifeMs).toISOString(),
  };
  const namespace = namespaces.approval;
  const interactive = io.asks;
  const signature = await signPayload({ payload: decision, keyPath, namespace, interactive });
  return { decision, signature };
}

/** Why it counts, for people. UserError (4): it does not; `goesOn` is how things are then. */
export function whyCounted(ruling: Ruling, { goesOn, who }: { goesOn: string; who: string }) {
  const { verdict, why } = clean(ruling);
  if (verdict === 'counted') return why;
  throw new UserError(
    `It does not count: ${why}. It is recorded, and ${goesOn}.\n` +
      `${who} in the worker's plimsoll.yaml, each with --as NAME --key PATH`,
    exitCodes.notAllowed,
  );
}
