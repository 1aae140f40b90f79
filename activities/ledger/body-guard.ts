import { failures } from '../../domain/deploy/failures.ts';
import { kindOfSecret } from '../../domain/lib/secret-shapes.ts';
import { final } from '../lib/fail.ts';

/**
 * Throws a final failure of type 'refused' if the value contains a secret. The message names the
 * place and the kind of the secret, but does not contain the secret.
 */
export function refuseSecrets(value: unknown, place = 'body'): void {
  if (typeof value === 'string') {
    const found = kindOfSecret(value);
    if (found !== null) throw leaked(place, found);
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
