import { failures } from '../../domain/deploy/failures.ts';
import { final } from '../lib/fail.ts';

/**
 * Secrets that the ledger must never contain, because an entry is never deleted. Public keys,
 * signatures and hashes are allowed.
 */
const secrets: [name: string, pattern: RegExp][] = [
  ['a private key', /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/],
  ['a Slack token', /\bx(?:ox[a-z]|app)-[\w-]{8,}/],
  ['a Slack webhook', /hooks\.slack\.com\/services\/\w+/],
  ['a GitHub token', /\b(?:gh[pousr]_\w{16,}|github_pat_\w{16,})/],
  ['a GitLab token', /\bglpat-[\w-]{16,}/],
  ['an npm token', /\bnpm_[A-Za-z0-9]{30,}/],
  ['an AWS key', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a Google key', /\bAIza[\w-]{30,}/],
  ['a payment key', /\b[sr]k_(?:live|test)_\w{10,}/],
  ['a model provider key', /\bsk-(?:(?:ant|proj)-[\w-]{20,}|[A-Za-z0-9]{32,})/],
  ['a SendGrid key', /\bSG\.[\w-]{16,}\.[\w-]{16,}/],
  ['a JSON web token', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/],
  ['a bearer token', /\bBearer\s+[\w.~+/-]{16,}/i],
  ['a password in an address', /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i],
];

/**
 * Replaces every secret in a text by its kind, such as "[a Slack token, left out]". Use this
 * function for texts from other people or programs.
 */
export function redactSecrets(text: string): string {
  return secrets.reduce(
    (clean, [name, pattern]) => clean.replaceAll(new RegExp(pattern, 'gi'), `[${name}, left out]`),
    text,
  );
}

/**
 * Throws a final failure of type 'refused' if the value contains a secret. The message names the
 * place and the kind of the secret, but does not contain the secret.
 */
export function refuseSecrets(value: unknown, place = 'body'): void {
  if (typeof value === 'string') {
    const found = secrets.find(([, pattern]) => pattern.test(value));
    if (found) throw leaked(place, found[0]);
  } else if (Array.isArray(value)) {
    value.forEach((member, index) => refuseSecrets(member, `${place}[${index}]`));
  } else if (value !== null && typeof value === 'object') {
    for (const [name, member] of Object.entries(value)) {
      refuseSecrets(name, `a name in ${place}`);
      refuseSecrets(member, `${place}.${name}`);
    }
  }
}

const leaked = (place: string, kind: string) =>
  final(
    failures.refused,
    `The ledger refuses ${place}, because it looks like ${kind}. ` +
      'A secret must not be in the ledger, because an entry is never deleted. ' +
      'Nothing was written. If the secret is real, revoke it. ' +
      'Then remove it from the text, and deploy again.',
  );
