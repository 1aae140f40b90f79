import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'oxfmt';
import { services } from '../contract/schema-source.ts';
import type { ServiceName } from '../contract/schema-source.ts';
import type { TokenKind } from '../../domain/services/call.ts';

/** What happens while a token lacks one permission. Empty texts: nothing is said. */
export type Row = {
  permission: string;
  doctor: string;
  /** What closes a gate of the plan, or keeps the plan from being made. */
  plan: string;
  /** What the deploy says, and what is then true. */
  deploy: string;
};
export type Told = Record<string, Row[]>;

export const tokenOf = (service: ServiceName, name: string): TokenKind => {
  const kinds: readonly TokenKind[] = services[service].tokens;
  const found = kinds.find((one) => one.name === name);
  if (!found) throw new Error(`${service} has no kind of token "${name}"`);
  return found;
};

const fileOf = (service: ServiceName) =>
  fileURLToPath(new URL(`told/${service}.json`, import.meta.url));

/** The rows that the test of the service wrote, or null if it never ran. */
export function toldOf(service: ServiceName): Told | null {
  const file = fileOf(service);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Told) : null;
}

/**
 * Returns the rows as text, and the file from which docs/permissions.md is made. The text must be
 * the content of the file.
 */
export async function textOf(service: ServiceName, told: Told) {
  const file = fileOf(service);
  const { code } = await format(file, JSON.stringify(told), { printWidth: 100 });
  return { text: code, file };
}

/** The text of a failure, or '' if the call works. */
export const saidBy = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => '',
    (cause: unknown) => (cause as Error).message,
  );
