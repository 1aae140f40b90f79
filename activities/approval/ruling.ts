import { createHash } from 'node:crypto';
import { namespaces } from '../../domain/messages.ts';
import { canonicalJson } from '../../domain/canonical.ts';
import type { Case, SignatureResult } from '../../domain/policy/approval.ts';
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
  { approvers, revoked, slack }: Pick<Config, 'approvers' | 'revoked' | 'slack'>,
  { people = approvers, at }: { people?: Config['approvers']; at?: Date } = {},
): Promise<SignatureResult> {
  if (decision.via) {
    const publicKey = slack?.approvals?.publicKey;
    return clickSignature({ decision, signature }, { publicKey, revoked });
  }
  const keys = own(people, decision.approver)?.keys;
  if (!keys) return { ok: false, why: 'nobody of that name is configured' };
  const namespace = namespaces.approval;
  const when = at ? { at } : {};
  return verifySignature({ payload: decision, signature, namespace, keys, revoked, ...when });
}

/** The bridge's own key, which counts for a click and for nothing else. */
async function clickSignature(
  { decision, signature }: SignedDecision,
  { publicKey, revoked }: { publicKey: string | undefined; revoked: Config['revoked'] },
): Promise<SignatureResult> {
  if (publicKey === undefined) return { ok: false, why: 'there is no bridge to Slack here' };
  const namespace = namespaces.slack;
  const [payload, whose] = [decision, 'it'];
  return verifySignature({ payload, signature, namespace, keys: [publicKey], whose, revoked });
}

/** Who may do what, by today's configuration. */
export function peopleOf({ approvers, requesters, slack }: Config): Case['people'] {
  const ids = Object.entries(approvers).map(([name, person]) => [name, person.slack] as const);
  const team = slack?.approvals?.team;
  return {
    approvers: Object.keys(approvers),
    requesters: Object.keys(requesters),
    slack: team === undefined ? null : { team, ids: new Map(ids) },
  };
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
