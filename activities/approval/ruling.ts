import { createHash } from 'node:crypto';
import { namespaces } from '../../domain/deploy/wire.ts';
import { canonicalJson } from '../../domain/lib/canonical.ts';
import type { Case, SignatureResult } from '../../domain/approval/approval.ts';
import type { Decision, Config, SignedDecision } from '../../domain/config/config.ts';
import { withRights } from '../../domain/approval/project-rights.ts';
import type { Ledger } from '../ledger/types.ts';
import { withoutSecrets } from '../../domain/lib/secret-shapes.ts';
import { transient } from '../lib/fail.ts';
import { own } from '../lib/own.ts';
import { verifySignature } from './signatures/signatures.ts';

export type ApprovalDeps = {
  /** Returns the worker's own configuration, never values that a client sent. */
  config: () => Config;
  ledger: Pick<Ledger, 'append' | 'find' | 'read'>;
  /** Returns the current time in epoch milliseconds. */
  now?: () => number;
};

/**
 * Returns the SHA-256 of the canonical JSON of a message, in hex. The message may have any shape.
 */
export const fingerprint = (signed: unknown): string =>
  createHash('sha256')
    .update(canonicalJson(signed ?? null))
    .digest('hex');

/**
 * Returns the approver, the decision and the nonce that a message contains. This function checks
 * the form of the values but not the signature, and the message may be forged. So callers may show
 * the values, but must not trust the values.
 */
export function unverifiedDecision(
  signed: unknown,
): Pick<Decision, 'decision' | 'approver' | 'nonce'> {
  const claim = (signed as { decision?: Partial<Record<keyof Decision, unknown>> } | null)
    ?.decision;
  const { approver, decision, nonce } = claim ?? {};
  const isName = typeof approver === 'string' && /^[\w.-]{1,63}$/.test(approver);
  const isNonce = typeof nonce === 'string' && /^[0-9a-f]{32}$/.test(nonce);
  return {
    approver: isName ? withoutSecrets(approver) : 'unknown',
    decision: decision === 'reject' ? 'reject' : 'approve',
    nonce: isNonce ? nonce : fingerprint(signed).slice(0, 32),
  };
}

/** Verifies the signature of a decision with the keys in the worker's own configuration. */
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
  if (!keys) return { ok: false, why: 'no person of that name is configured' };
  const namespace = namespaces.approval;
  const when = at ? { at } : {};
  return verifySignature({ payload: decision, signature, namespace, keys, revoked, ...when });
}

/**
 * Verifies the signature of a click in Slack with the public key of the Slack bridge. This key is
 * valid for clicks only.
 */
async function clickSignature(
  { decision, signature }: SignedDecision,
  { publicKey, revoked }: { publicKey: string | undefined; revoked: Config['revoked'] },
): Promise<SignatureResult> {
  if (publicKey === undefined) return { ok: false, why: 'no bridge to Slack is configured' };
  const namespace = namespaces.slack;
  const [payload, whose] = [decision, 'the bridge'];
  return verifySignature({ payload, signature, namespace, keys: [publicKey], whose, revoked });
}

/**
 * Reads the people of the configuration: the approvers with rights in the project, all other
 * approvers, the requesters, and the Slack ids of the approvers.
 */
export function peopleOf(
  { approvers, requesters, slack }: Config,
  project: string,
): Case['people'] {
  const entitled = withRights(approvers, project);
  const ids = Object.entries(approvers).map(([name, person]) => [name, person.slack] as const);
  const team = slack?.approvals?.team;
  return {
    approvers: Object.keys(entitled),
    others: Object.keys(approvers).filter((name) => !Object.hasOwn(entitled, name)),
    requesters: Object.keys(requesters),
    slack: team === undefined ? null : { team, ids: new Map(ids) },
  };
}

/**
 * Waits for a call to the ledger. Throws a transient failure if the call fails. Temporal then
 * retries the activity. So no signed decision is lost, and no decision counts before the ledger
 * answers.
 */
export async function available<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw transient(`The ruling waits for the ledger. ${(error as Error).message}`);
  }
}
