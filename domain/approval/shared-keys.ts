import type { Human } from './authorship.ts';

type People = {
  approvers: Readonly<Record<string, Human>>;
  requesters: Readonly<Record<string, Human>>;
};

/**
 * Returns one reason for each key that two people have. With a shared key, one person could approve
 * as two people.
 */
export function sharedKeys({ approvers, requesters }: People): string[] {
  const owners = new Map<string, string>();
  const reasons: string[] = [];
  for (const [name, { keys }] of [...Object.entries(approvers), ...Object.entries(requesters)])
    for (const key of keys) {
      const blob = /\bAAAA[A-Za-z0-9+/=]+/.exec(key)?.[0] ?? key;
      const owner = owners.get(blob);
      if (owner !== undefined && owner !== name)
        reasons.push(
          `${owner} and ${name} have the same key, but each person needs a key of their own`,
        );
      owners.set(blob, name);
    }
  return reasons;
}
