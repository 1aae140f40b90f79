import { createHash } from 'node:crypto';
import { canonicalJson } from '../domain/canonical.ts';
import type { Config } from '../domain/schema.ts';
import { endpoints } from './endpoints.ts';

/** Workers share a queue only if they talk to the same places: a sandbox never polls a real queue. */
export function taskQueue(config: Config): string {
  const places = [...new Set(endpoints(config).map(({ value }) => value))].toSorted();
  const kind = config.sandbox ? 'sandbox' : 'production';
  const digest = createHash('sha256').update(canonicalJson({ kind, places })).digest('hex');
  return `plimsoll-${digest.slice(0, 12)}-${kind}`;
}
