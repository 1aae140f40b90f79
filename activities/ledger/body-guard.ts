import { failures } from '../../domain/failures.ts';
import { final } from '../lib/fail.ts';

/**
 * What must never lie in a file that is kept for ever. Public keys, signatures and hashes are
 * welcome.
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

/** Every secret replaced by its kind, for text that strangers wrote. */
export function redactSecrets(text: string): string {
  return secrets.reduce(
    (clean, [name, pattern]) => clean.replaceAll(new RegExp(pattern, 'gi'), `[${name}, left out]`),
    text,
  );
}

/** Final, naming the place and the kind, never the value. */
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
    `The ledger does not take ${place}: it looks like ${kind}, and what is written there stays. ` +
      'Nothing was written. Revoke it if it is real, take it out of the text, and deploy again.',
  );
