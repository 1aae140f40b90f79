import type { Ruling } from '../plan.ts';
import { redact } from './redact.ts';

const bounded = (value: unknown, most: number) =>
  typeof value === 'string' ? value.replaceAll(/[^\w.-]/g, '').slice(0, most) : '';

/** Who a request that nobody verified says it is from. */
export function claimed(signed: unknown): { requestedBy: string; nonce: string } {
  const { request } = (signed ?? {}) as { request?: unknown };
  const { requestedBy, nonce } = (request ?? {}) as { requestedBy?: unknown; nonce?: unknown };
  return { requestedBy: bounded(requestedBy, 63) || 'somebody', nonce: bounded(nonce, 32) };
}

/** A decision that could not be ruled on: it changes nothing, and whoever sent it hears why. */
export function unheard(signed: unknown, { why, at }: Pick<Ruling, 'why' | 'at'>): Ruling {
  const { decision } = (signed ?? {}) as { decision?: unknown };
  const claim = (decision ?? {}) as Partial<Record<keyof Ruling, unknown>>;
  return {
    verdict: 'void',
    decision: claim.decision === 'reject' ? 'reject' : 'approve',
    approver: redact(bounded(claim.approver, 63)) || 'somebody',
    why: redact(`it could not be ruled on, send it again: ${why}`).slice(0, 300),
    nonce: bounded(claim.nonce, 32),
    at,
    touch: false,
  };
}
