import type { Ruling } from '../deploy/plan.ts';
import { redact } from '../lib/redact.ts';

const bounded = (value: unknown, most: number) =>
  typeof value === 'string' ? value.replaceAll(/[^\w.-]/g, '').slice(0, most) : '';

/**
 * Returns the requester and the nonce that a request names. The request was not verified, so both
 * texts are cleaned and shortened.
 */
export function unverifiedRequester(signed: unknown): { requestedBy: string; nonce: string } {
  const { request } = (signed ?? {}) as { request?: unknown };
  const { requestedBy, nonce } = (request ?? {}) as { requestedBy?: unknown; nonce?: unknown };
  return {
    requestedBy: bounded(requestedBy, 63) || 'somebody',
    nonce: bounded(nonce, 32),
  };
}

/**
 * Makes a void ruling for a decision that the worker could not judge. The ruling changes nothing.
 * Its `why` tells the sender the reason.
 */
export function unheard(signed: unknown, { why, at }: Pick<Ruling, 'why' | 'at'>): Ruling {
  const { decision } = (signed ?? {}) as { decision?: unknown };
  const claim = (decision ?? {}) as Partial<Record<keyof Ruling, unknown>>;
  return {
    verdict: 'void',
    decision: claim.decision === 'reject' ? 'reject' : 'approve',
    approver: redact(bounded(claim.approver, 63)) || 'somebody',
    why: redact(`send the decision again, because it could not be judged: ${why}`).slice(0, 300),
    nonce: bounded(claim.nonce, 32),
    at,
    touch: false,
  };
}
