import { createHmac } from 'node:crypto';
import { isTestOrDocumentation } from './harmless.ts';
import type { Hit } from './hit.ts';

const pattern =
  /\beyJ[A-Za-z0-9_-]{8,}\.(?<payload>eyJ[A-Za-z0-9_-]{8,})\.(?<signature>[A-Za-z0-9_-]{16,})/g;

type Claims = Record<string, unknown>;

function jsonOf(part: string): Claims | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Claims) : null;
  } catch {
    return null;
  }
}

/** Subject of the example token that many documentation pages show. */
const exampleSubject = '1234567890';

/** Well-known secrets that documentation and tests use to sign tokens. */
const known = (
  'secret your-256-bit-secret your-384-bit-secret your-512-bit-secret your_jwt_secret mysecret ' +
  'key shhhhh shhhhhared-secret test testing a-string-secret-at-least-256-bits-long changeme ' +
  'supersecret super-secret-jwt-token-with-at-least-32-characters-long secretkey password ' +
  'jwt-secret abc'
).split(' ');

const hashes: Record<string, string> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

function isSignedForShow(token: string): boolean {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const hash = hashes[String(jsonOf(header)?.['alg'])];
  return (
    hash !== undefined &&
    known.some(
      (secret) =>
        createHmac(hash, secret).update(`${header}.${payload}`).digest('base64url') === signature,
    )
  );
}

/**
 * True if the token expired more than a day ago. A difference of one day allows for wrong clocks.
 */
const isExpired = ({ exp }: Claims) => typeof exp === 'number' && exp + 86_400 < Date.now() / 1000;

/** Claims that name an account, a key or a right at a service. */
const ofService = new Set(
  (
    'role roles scope scopes scp permissions ref tokenId token_id key_id kid account_id account ' +
    'org orgId org_id tenant tid client_id azp entityType project projectId team'
  ).split(' '),
);
const isHost = /[a-z0-9-]\.(?!example|test|invalid|local)[a-z]{2,}/i;
const ofNobody = /example|localhost|\.test\b|your/i;

/**
 * True if the claims name a service or an account. The claims of an invented token in a test do
 * not.
 */
const isIssued = (claims: Claims) =>
  Object.keys(claims).some((claim) => ofService.has(claim)) ||
  [claims['iss'], claims['aud']]
    .flat()
    .some((one) => typeof one === 'string' && isHost.test(one) && !ofNobody.test(one));

/** Returns the rule that reports the token, or null if the token is public or worthless. */
function ruleFor(claims: Claims | null, token: string, file: string): string | null {
  if (claims === null) return 'jwt';
  const { role, iss, aud, sub } = claims;
  if (isExpired(claims) || sub === exampleSubject || iss === 'supabase-demo') return null;
  if (role === 'service_role') return 'supabase-service-role';
  if (role === 'anon' || isSignedForShow(token)) return null;
  if (isTestOrDocumentation(file) && !isIssued(claims)) return null;
  if ([iss, aud].flat().some((one) => typeof one === 'string' && /temporal\.io/.test(one)))
    return 'temporal';
  return 'jwt';
}

/**
 * Finds signed tokens (JWT) that have not expired. Examples are the service-role key of Supabase,
 * the API keys of Temporal and Northflank, and session tokens.
 */
export const jwtRule = (text: string, file: string): Hit[] =>
  [...text.matchAll(pattern)].flatMap(({ index, 0: value, groups }) => {
    const rule = ruleFor(jsonOf(groups?.['payload'] ?? ''), value, file);
    return rule === null ? [] : [{ rule, index, value }];
  });
