import { createHash } from 'node:crypto';
import { canonicalJson } from '../domain/lib/canonical.ts';
import type { Config } from '../domain/config/config.ts';
import { endpoints } from './config/endpoints.ts';

/**
 * Returns the name of the task queue. Two workers share a queue only if both configurations have
 * the same addresses and the same value of `sandbox`. So a sandbox never polls the queue of real
 * deploys.
 */
export function taskQueue(config: Config): string {
  const places = [...new Set(endpoints(config).map(({ value }) => value))].toSorted();
  const kind = config.sandbox ? 'sandbox' : 'production';
  const digest = createHash('sha256').update(canonicalJson({ kind, places })).digest('hex');
  return `plimsoll-${digest.slice(0, 12)}-${kind}`;
}
