import type { Hit } from './rules.ts';

const pattern = /\beyJ[A-Za-z0-9_-]{8,}\.(eyJ[A-Za-z0-9_-]{8,})\.[A-Za-z0-9_-]{16,}/g;

function payloadOf(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Of the token that every page about such tokens shows. */
const exampleSubject = '1234567890';

/** null = a token that is meant for everybody. */
function ruleFor(claims: Record<string, unknown> | null): string | null {
  if (claims === null) return 'jwt';
  const { role, iss, aud, sub } = claims;
  if (role === 'service_role') return 'supabase-service-role';
  if (role === 'anon' || sub === exampleSubject) return null;
  if ([iss, aud].flat().some((one) => typeof one === 'string' && /temporal\.io/.test(one)))
    return 'temporal';
  return 'jwt';
}

/** Signed tokens: Supabase's service role, Temporal's and Northflank's API keys, sessions. */
export const jwtRule = (text: string): Hit[] =>
  [...text.matchAll(pattern)].flatMap(({ index, 0: value, 1: payload = '' }) => {
    const rule = ruleFor(payloadOf(payload));
    return rule === null ? [] : [{ rule, index, value }];
  });
