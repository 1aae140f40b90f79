import { scrub } from '../../domain/messages/parts/scrub.ts';

/** Fields whose text is a word of the vendor, not of the account. */
const words = new Set([
  ...['aggregation', 'archive_format', 'classification', 'code', 'conclusion', 'ecosystem'],
  ...['environment_type', 'error', 'event', 'jobStatus', 'kind', 'level', 'needed', 'plan'],
  ...['protocol', 'provided', 'readyState', 'readySubstate', 'reason', 'role', 'scope'],
  ...['serviceType', 'severity', 'source', 'state', 'state_reason', 'status', 'strategy'],
  ...['subtype', 'target', 'type', 'usage_model', 'visibility'],
]);
/** Fields whose keys are names that the account chose. */
const maps = new Set([
  ...['annotations', 'env', 'event_payload', 'labels', 'meta', 'metadata_payload', 'payload'],
  ...['runtimeEnvironment', 'secrets', 'vars'],
]);

/**
 * Replaces everything in an answer that says something about the account, and keeps its form: keys,
 * types, the vendor's own words, and the shapes of times, addresses, commits and ids.
 */
export const scrubAnswer = (value: unknown): unknown => scrubbed(value, '', false);

function scrubbed(value: unknown, key: string, failed: boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => scrubbed(one, key, failed));
  if (typeof value === 'string') return text(value, key, failed);
  if (typeof value === 'number') return Math.abs(value) < 1000 ? value : likeNumber(value);
  if (typeof value !== 'object' || value === null) return value;
  const isError = failed || 'error' in value || 'errors' in value;
  const entries = Object.entries(value).map(([name, one], index) => [
    maps.has(key) ? `key_${index + 1}` : name,
    scrubbed(one, maps.has(key) ? '' : name, isError),
  ]);
  return Object.fromEntries(entries) as unknown;
}

const likeNumber = (value: number) =>
  Number(`1${'0'.repeat(String(Math.trunc(Math.abs(value))).length - 1)}`);

function text(value: string, key: string, failed: boolean): string {
  // The vendor's own error text is what nobody can know without an account.
  if (failed && key === 'message')
    return scrub(value).replaceAll(/[\w.-]+\/[\w.-]+/g, 'owner/name');
  if (words.has(key) && /^[\w:,. -]{0,60}$/.test(value)) return value;
  if (value === '') return '';
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return '2026-01-01T00:00:00Z';
  if (/^\d{10}\.\d{6}$/.test(value)) return '1700000000.000000';
  if (/^https?:\/\//.test(value)) return 'https://example.com/';
  if (/^[\w.+-]+@[\w.-]+$/.test(value)) return 'person@example.com';
  if (/^[0-9a-f]{40}$/.test(value)) return '0'.repeat(40);
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value))
    return '00000000-0000-4000-8000-000000000000';
  const [, prefix = ''] = /^([A-Z]|[a-z]{2,5}_)(?=[A-Za-z0-9]{8,}$)/.exec(value) ?? [];
  return prefix === '' ? 'text' : `${prefix}${'0'.repeat(10)}`;
}
