import { failures } from '../../domain/deploy/failures.ts';
import type { ProbeAccess } from '../../domain/lib/probe-access.ts';
import { final } from './fail.ts';
import { secret } from './secret.ts';

/**
 * The access of a probe to a protected site. `headers` contain secrets, so `headers` must never be
 * written to a log.
 */
export type Access = { headers?: Record<string, string>; certificates?: readonly string[] };

/**
 * Reads the values of the headers from the worker's environment, and adds the headers `own` of the
 * platform. Throws a final failure of type 'misconfigured' if a variable is not set, or if its
 * value cannot be a header. The error contains only the name of the variable.
 */
export function accessTo(
  { headers: refs = {}, certificates }: ProbeAccess,
  own: Record<string, string> = {},
): Access {
  const read = Object.entries(refs).map(([name, ref]) => [name, valueOf(ref)] as const);
  const headers = { ...Object.fromEntries(read), ...own };
  return {
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(certificates === undefined ? {} : { certificates }),
  };
}

function valueOf(ref: string): string {
  const value = secret(ref).trim();
  if (/^[\t\x20-\x7e]+$/.test(value)) return value;
  throw final(
    failures.misconfigured,
    `The value of ${ref.slice('env:'.length)} cannot be sent as a header of a probe: it must be one ` +
      'line of ASCII characters.\n' +
      'Set it again where the worker is started, and start the worker again.',
  );
}
