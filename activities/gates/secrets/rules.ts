import { platformNames, platforms } from '../../../domain/platforms/index.ts';
import type { Hit } from './hit.ts';
import { jwtRule } from './jwt.ts';
import { isPlaceholderUrl } from './placeholder.ts';
import { looksChosen } from './randomness.ts';

/**
 * A rule that finds secrets by a pattern. The secret is the group `secret` of the match; without
 * this group it is the whole match.
 */
type Rule = { rule: string; pattern: RegExp };

/** Keys with a fixed prefix that secretlint's preset does not know. */
const marked: Rule[] = [
  ...platformNames.flatMap((name) => platforms[name].keys.marked),
  { rule: 'stripe', pattern: /\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}/g },
  { rule: 'stripe-webhook', pattern: /\bwhsec_[A-Za-z0-9+/]{24,}={0,2}/g },
  { rule: 'supabase', pattern: /\bsb_secret_[A-Za-z0-9_-]{16,}/g },
  { rule: 'supabase', pattern: /\bsbp_(?:oauth_|v0_)?[0-9a-f]{40}\b/g },
  { rule: 'gcp-api-key', pattern: /\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g },
  { rule: 'gcp-oauth', pattern: /\b(?:GOCSPX-[A-Za-z0-9_-]{28}|ya29\.[A-Za-z0-9_-]{40,})/g },
  { rule: 'gcp-service-account', pattern: /"private_key_id"\s*:\s*"(?<secret>[0-9a-f]{40})"/g },
  {
    rule: 'slack-webhook',
    pattern:
      /\bhooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Z0-9]{8,}\/[A-Z0-9]{8,}\/[A-Za-z0-9]{16,}/g,
  },
  { rule: 'slack', pattern: /\bxox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{16,}/g },
  { rule: 'slack', pattern: /\bxapp-\d-[A-Z0-9]{8,}-\d+-[A-Za-z0-9]{16,}/g },
  { rule: 'github', pattern: /\bgithub_pat_[A-Za-z0-9_]{40,}/g },
  { rule: 'aws', pattern: /\b(?:AKIA|ASIA)(?!\w{9,}EXAMPLE)[A-Z2-7]{16}\b/g },
  { rule: 'age', pattern: /\bAGE-SECRET-KEY-1[A-Z0-9]{50,}/g },
];

/**
 * Matches passwords in the URLs of databases, queues and mail servers. secretlint's preset knows
 * only three kinds of these URLs, and finds no password that contains @ or /.
 */
const address: Rule = {
  rule: 'address-with-password',
  pattern:
    /\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql|sqlserver|clickhouse|nats|smtps?):\/\/[^\s:@/"'`<>]{0,64}:(?<secret>[^\s"'`<>,]{8,256})@(?=[\w.-]+)/g,
};

const addressHits = (text: string) =>
  [...matchesOf(address, text)].filter(
    ({ value }) => looksChosen(value) && !isPlaceholderUrl(`//:${value}@`),
  );

function* matchesOf({ rule, pattern }: Rule, text: string): Generator<Hit> {
  for (const match of text.matchAll(pattern)) {
    const value = match.groups?.['secret'] ?? match[0];
    yield { rule, index: match.index + match[0].indexOf(value), value };
  }
}

/** Finds keys that show their issuer in their own text, signed tokens, and URLs with a password. */
export const markedKeys = (text: string): Hit[] => [
  ...marked.flatMap((rule) => [...matchesOf(rule, text)]),
  ...jwtRule(text),
  ...addressHits(text),
];
