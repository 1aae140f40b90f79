import { randomBytes } from 'node:crypto';
import { namespaces } from '../../domain/deploy/wire.ts';
import type { Ruling } from '../../domain/deploy/plan.ts';
import { standaloneLifeMs } from '../../domain/approval/standalone-decision.ts';
import type { Decision, SignedDecision } from '../../domain/config/config.ts';
import { clean } from '../../domain/messages/parts/clean.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { identity } from './identity.ts';
import type { IdentityOptions } from './identity.ts';
import type { Io } from '../io.ts';
import { signPayload } from './sign.ts';

export type About = Omit<Decision, 'decision' | 'approver' | 'nonce' | 'notAfter'>;

/** Signs a decision that belongs to no open deploy. The decision is valid for 10 minutes. */
export async function signStandalone(
  io: Io,
  options: IdentityOptions,
  about: About,
): Promise<SignedDecision> {
  const { name: approver, keyPath } = identity(io, options);
  const decision: Decision = {
    ...about,
    ...{ decision: 'approve', approver },
    nonce: randomBytes(16).toString('hex'),
    notAfter: new Date(Date.now() + standaloneLifeMs).toISOString(),
  };
  const namespace = namespaces.approval;
  const signature = await signPayload({
    payload: decision,
    keyPath,
    namespace,
    interactive: io.asks,
    say: io.say,
  });
  return { decision, signature };
}

/**
 * Returns the reason why the decision counts. Throws a UserError (exit 4) if the decision does not
 * count. The error contains `goesOn`, which says what stays as it is, and `who`, which names the
 * people who may sign.
 */
export function whyCounted(ruling: Ruling, { goesOn, who }: { goesOn: string; who: string }) {
  const { verdict, why } = clean(ruling);
  if (verdict === 'counted') return why;
  throw new UserError(
    `The decision does not count: ${why}. The ledger records it, and ${goesOn}.\n` +
      `${who} in the worker's plimsoll.yaml. They sign with --as NAME --key PATH`,
    exitCodes.notAllowed,
  );
}
