import type { Hit } from './hit.ts';

const pattern = /\beyJ[A-Za-z0-9_-]{8,}\.(eyJ[A-Za-z0-9_-]{8,})\.[A-Za-z0-9_-]{16,}/g;

function payloadOf(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Subject of the example token that many documentation pages show. */
const exampleSubject = '1234567890';

/** Returns the rule that reports the token; null = the token is meant to be public. */
function ruleFor(claims: Record<string, unknown> | null): string | null {
  if (claims === null) return 'jwt';
  const { role, iss, aud, sub } = claims;
  if (role === 'service_role') return 'supabase-service-role';
  if (role === 'anon' || sub === exampleSubject) return null;
  if ([iss, aud].flat().some((one) => typeof one === 'string' && /temporal\.io/.test(one)))
    return 'temporal';
  return 'jwt';
}

/**
 * Finds signed tokens (JWT), such as the service-role key of Supabase, API keys of Temporal and
 * Northflank, and session tokens.
 */
export const jwtRule = (text: string): Hit[] =>
  [...text.matchAll(pattern)].flatMap(({ index, 0: value, 1: payload = '' }) => {
    const rule = ruleFor(payloadOf(payload));
    return rule === null ? [] : [{ rule, index, value }];
  });
