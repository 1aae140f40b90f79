const bounded = (value: unknown, most: number) =>
  typeof value === 'string' ? value.replaceAll(/[^\w.-]/g, '').slice(0, most) : '';

/** Who a request that nobody verified says it is from. */
export function claimed(signed: unknown): { requestedBy: string; nonce: string } {
  const { request } = (signed ?? {}) as { request?: unknown };
  const { requestedBy, nonce } = (request ?? {}) as { requestedBy?: unknown; nonce?: unknown };
  return { requestedBy: bounded(requestedBy, 63) || 'somebody', nonce: bounded(nonce, 32) };
}
