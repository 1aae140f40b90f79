import { createHash } from 'node:crypto';
import { namespaces } from '../../domain/messages.ts';
import { canonicalJson } from '../../domain/canonical.ts';
import type { SignatureResult } from '../../domain/policy/approval.ts';
import type { Decision, Config, SignedDecision } from '../../domain/schema.ts';
import type { Ledger } from '../ledger.ts';
import { redactSecrets } from '../ledger/body-guard.ts';
import { transient } from '../lib/fail.ts';
import { own } from '../lib/own.ts';
import { verifySignature } from '../signatures.ts';

export type ApprovalDeps = {
  /** The worker's own configuration: never what a client sent. */
  config: () => Config;
  ledger: Pick<Ledger, 'append' | 'find' | 'read'>;
  /** Epoch milliseconds. */
  now?: () => number;
};

/** Names the exact message, whatever it is. */
export const fingerprint = (signed: unknown): string =>
  createHash('sha256')
    .update(canonicalJson(signed ?? null))
    .digest('hex');

/** What can be told about a message that is not a decision, without trusting it. */
export function claimed(signed: unknown): Pick<Decision, 'decision' | 'approver' | 'nonce'> {
  const claim = (signed as { decision?: Partial<Record<keyof Decision, unknown>> } | null)
    ?.decision;
  const { approver, decision, nonce } = claim ?? {};
  const isName = typeof approver === 'string' && /^[\w.-]{1,63}$/.test(approver);
  const isNonce = typeof nonce === 'string' && /^[0-9a-f]{32}$/.test(nonce);
  return {
    approver: isName ? redactSecrets(approver) : 'unknown',
    decision: decision === 'reject' ? 'reject' : 'approve',
    nonce: isNonce ? nonce : fingerprint(signed).slice(0, 32),
  };
}

/** Against the keys that the worker's own configuration holds at this moment. */
export async function signatureOf(
  { decision, signature }: SignedDecision,
  { approvers, revoked }: Pick<Config, 'approvers' | 'revoked'>,
  people: Config['approvers'] = approvers,
): Promise<SignatureResult> {
  const keys = own(people, decision.approver)?.keys;
  if (!keys) return { ok: false, why: 'nobody of that name is configured' };
  const namespace = namespaces.approval;
  return verifySignature({ payload: decision, signature, namespace, keys, revoked });
}

/**
 * A ledger that cannot be written must not cost a signed decision: it is tried again, and nothing
 * counts until then.
 */
export async function available<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw transient(`The ruling waits for the ledger. ${(error as Error).message}`);
  }
}
